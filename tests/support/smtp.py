"""A mail server on loopback that keeps what it is given."""

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class MailServer:
    """`refuse` maps a command to the answer it gets; `offers` are the lines of EHLO.

    From the command `hangs_at` on it says nothing any more.
    """

    offers: list[str] = field(default_factory=lambda: ["8BITMIME", "SMTPUTF8"])
    context: ssl.SSLContext | None = None
    refuse: dict[str, str] = field(default_factory=dict)
    hangs_at: str = ""
    hanging: asyncio.Event = field(default_factory=asyncio.Event)
    port: int = 0
    mails: list[bytes] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    over_tls: bool = False

    async def serve(  # noqa: C901, PLR0912 - one branch for each command
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        async def say(line: str) -> None:
            writer.write(line.encode() + b"\r\n")
            await writer.drain()

        try:
            await say("220 mail.example ESMTP")
            while line := (await reader.readline()).decode().rstrip("\r\n"):
                self.commands.append(line)
                verb = line.partition(" ")[0].upper()
                if verb == self.hangs_at:
                    self.hanging.set()
                    await reader.read()
                    break
                if verb in self.refuse:
                    await say(self.refuse[verb])
                elif verb == "EHLO":
                    offers = ["mail.example", *self.offers]
                    if self.context is not None and not self.over_tls:
                        offers.append("STARTTLS")
                    for offer in offers[:-1]:
                        await say(f"250-{offer}")
                    await say(f"250 {offers[-1]}")
                elif verb == "STARTTLS" and self.context is not None:
                    await say("220 go ahead")
                    await writer.start_tls(self.context)
                    self.over_tls = True
                elif verb == "AUTH":
                    await self._log_in(line, reader, say)
                elif verb == "DATA":
                    await say("354 go ahead")
                    self.mails.append((await reader.readuntil(b"\r\n.\r\n"))[:-3])
                    await say("250 kept")
                elif verb == "QUIT":
                    await say("221 bye")
                    break
                else:
                    await say("250 fine")
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _log_in(self, line, reader, say) -> None:
        _, method, *initial = line.split(" ")
        said = [base64.b64decode(part).decode() for part in initial]
        asked = {"PLAIN": [], "LOGIN": ["Password:"], "CRAM-MD5": ["<challenge>"]}[method]
        if method == "LOGIN" and not said:
            asked = ["Username:", "Password:"]
        for question in asked:
            await say("334 " + base64.b64encode(question.encode()).decode())
            said.append(base64.b64decode(await reader.readline()).decode())
        self.commands.append("said " + " ".join(said).replace("\0", " "))
        await say("235 welcome")


@asynccontextmanager
async def mail_server(**options: object) -> AsyncIterator[MailServer]:
    """Runs it on a free port of 127.0.0.1."""
    server = MailServer(**options)
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
