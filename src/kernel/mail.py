"""Mail: what it says, and how it leaves. It is sent from the outbox only, at least once."""

import asyncio
import os
import re
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import format_datetime, parseaddr
from pathlib import Path
from typing import Any, Protocol

from kernel.clock import Clock
from kernel.opaque import new_id
from kernel.outbox import Deliver, DeliveryFailed
from kernel.settings import CommonSettings, is_loopback

SMTP_SECONDS = 30
TLS_FROM_THE_START = 465  # RFC 8314 section 3.3
LONGEST_LISTED = 200
# No quoted local part, no comment, no list: nobody's address looks like that.
_ONE_ADDRESS = re.compile(
    r"[^\s\x00-\x1f\x7f@,;:<>()\[\]\\\"]+@[^\s\x00-\x1f\x7f@,;:<>()\[\]\\\"]+"
)
_LETTER_ID = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail to one person; `text` and `html` say the same in `language` (BCP 47)."""

    to: str
    subject: str
    text: str
    html: str
    language: str

    def payload(self) -> dict[str, str]:
        """For the outbox; `delivery` reads it back."""
        return asdict(self)


class Transport(Protocol):
    """One way for a mail to leave."""

    async def send(self, mail: Mail, letter_id: str, now: int) -> None:
        """Hand it over; raises DeliveryFailed. The same letter may come twice."""
        ...


def delivery(transport: Transport, clock: Clock) -> Deliver:
    """What a Courier calls for letters of the kind `mail`."""

    async def deliver(payload: Mapping[str, Any], letter_id: str) -> None:
        await transport.send(Mail(**payload), letter_id, clock.now())

    return deliver


def mail_transport(settings: CommonSettings) -> Transport:
    """The one that the settings ask for: the demo's folder, a mail server, or none."""
    if settings.demo_mail_folder is not None:
        return FolderTransport(settings.demo_mail_folder, settings.mailer_sender_email)
    if not settings.smtp_address:
        return NoTransport()
    password = settings.smtp_password
    return SmtpTransport(
        SmtpServer(
            address=settings.smtp_address,
            port=settings.smtp_port,
            username=settings.smtp_username,
            password=password.get_secret_value() if password else "",
            authentication=settings.smtp_authentication,
            starttls=settings.smtp_enable_starttls_auto,
            verified=settings.smtp_openssl_verify_mode != "none",
            ca_file=settings.ssl_ca_file,
        ),
        settings.mailer_sender_email,
    )


def as_message(mail: Mail, sender: str, letter_id: str, now: int) -> EmailMessage:
    """RFC 5322, text and HTML; raises DeliveryFailed for what cannot stand in a header.

    The Message-ID is made from the letter's, so that a repeat is recognised.
    """
    name, address = parseaddr(sender)
    message = EmailMessage(policy=policy.SMTP.clone(utf8=not mail.to.isascii()))
    try:
        message["From"] = _address(address, name)
        message["To"] = _address(mail.to)
        message["Subject"] = mail.subject  # a line break in it is a ValueError
    except ValueError as error:
        raise DeliveryFailed("sender, recipient or subject is not fit for a header") from error
    message["Date"] = format_datetime(datetime.fromtimestamp(now, UTC))
    message["Message-ID"] = f"<{letter_id}@{address.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence answers it
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    message["Content-Language"] = mail.language  # after set_content, which clears Content-*
    return message


def _address(text: str, name: str = "") -> Address:
    """One address, also beyond ASCII (RFC 6531); ValueError for anything more or less."""
    if not _ONE_ADDRESS.fullmatch(text):
        raise ValueError(text)
    username, _, domain = text.rpartition("@")
    return Address(name, username, domain)


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where mail goes, from the SMTP_* keys. `authentication`: plain, login or cram_md5."""

    address: str
    port: int = 587
    username: str = ""
    password: str = ""
    authentication: str = "plain"
    starttls: bool = True
    verified: bool = True
    ca_file: Path | None = None

    def __repr__(self) -> str:
        return f"SmtpServer({self.address}:{self.port})"


class SmtpTransport:
    """RFC 5321 over TLS (RFC 3207, RFC 8314): mailed links never go in clear to another host."""

    def __init__(self, server: SmtpServer, sender: str) -> None:
        self._server, self._sender = server, sender
        self._context: ssl.SSLContext | None = None
        self._making_it = asyncio.Lock()

    async def send(self, mail: Mail, letter_id: str, now: int) -> None:
        message = as_message(mail, self._sender, letter_id, now)

        async def hand_over(client: Any) -> None:
            await client.send_message(message)

        await self._with_client(SMTP_SECONDS, hand_over)

    async def check(self, seconds: float) -> None:
        """Connect, secure and log in as for a mail, and send none; raises DeliveryFailed."""

        async def greet(client: Any) -> None:
            await client.noop()

        await self._with_client(seconds, greet)

    async def _with_client(self, seconds: float, work: Callable[[Any], Awaitable[None]]) -> None:
        import aiosmtplib  # noqa: PLC0415 - only where mail is sent

        server = self._server
        tls = server.port == TLS_FROM_THE_START
        near = is_loopback(server.address)
        if not (tls or near or server.starttls):
            raise DeliveryFailed("SMTP_ENABLE_STARTTLS_AUTO is false: mail would go in clear")
        client = aiosmtplib.SMTP(
            hostname=server.address,
            port=server.port,
            use_tls=tls,
            # None: where the server offers it, which is enough on this machine
            start_tls=False if tls or not server.starttls else (None if near else True),
            tls_context=await self._tls_context(),
            timeout=seconds,
        )
        try:
            async with client:
                try:
                    if server.username:
                        await self._log_in(client)
                    await work(client)
                except asyncio.CancelledError:
                    client.close()  # or its end waits for an answer to QUIT
                    raise
        except aiosmtplib.SMTPResponseException as error:
            # The server's words may name the recipient; its code is enough (RFC 3463).
            raise DeliveryFailed(f"{type(error).__name__} {error.code}") from error
        except (aiosmtplib.SMTPException, OSError) as error:
            self._context = None  # the authorities may have been renewed: they are read again
            raise DeliveryFailed(type(error).__name__) from error

    async def _log_in(self, client: Any) -> None:
        methods = {
            "plain": client.auth_plain,
            "login": client.auth_login,
            "cram_md5": client.auth_crammd5,
        }
        await methods[self._server.authentication](self._server.username, self._server.password)

    async def _tls_context(self) -> ssl.SSLContext:
        """Made once, in a thread: to read the system's authorities takes some 50 ms."""
        async with self._making_it:
            if self._context is None:
                self._context = await asyncio.to_thread(self._new_context)
            return self._context

    def _new_context(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if self._server.ca_file is not None:
            context.load_verify_locations(self._server.ca_file)
        if not self._server.verified:  # settings refuse it outside development
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context


class NoTransport:
    """Without a mail server the outbox keeps every mail, and the log says why."""

    async def send(self, mail: Mail, letter_id: str, now: int) -> None:  # noqa: ARG002
        raise DeliveryFailed("mail.not_configured: set SMTP_ADDRESS")


class FolderTransport:
    """The demo's: one `.eml` file a mail, for the owner's eyes, never half written."""

    def __init__(self, folder: Path, sender: str) -> None:
        self._folder, self._sender = folder, sender

    async def send(self, mail: Mail, letter_id: str, now: int) -> None:
        message = as_message(mail, self._sender, letter_id, now)
        await asyncio.to_thread(self._write, letter_id, message.as_bytes())

    def _write(self, letter_id: str, content: bytes) -> None:
        if not _LETTER_ID.fullmatch(letter_id):
            raise DeliveryFailed("not an id that can be a file's name")
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._folder / f"{letter_id}.eml"  # a repeat replaces the first one
        draft = path.with_suffix(f".{new_id()}")
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        with os.fdopen(os.open(draft, flags, 0o600), "wb") as file:
            file.write(content)
        draft.replace(path)


@dataclass(frozen=True, slots=True)
class FolderMail:
    """One mail of the demo's folder; `date` in seconds since 1970."""

    id: str
    to: str
    subject: str
    text: str
    date: int


def list_folder(folder: Path) -> list[FolderMail]:
    """The newest mails of a FolderTransport's folder, the newest first."""
    dated: list[tuple[int, Path]] = []
    for path in folder.glob("*.eml"):
        dated.append((path.stat().st_mtime_ns, path))
    dated.sort(reverse=True)
    return [_read(path) for _, path in dated[:LONGEST_LISTED]]


def _read(path: Path) -> FolderMail:
    message = BytesParser(policy=policy.default).parsebytes(path.read_bytes())
    body = message.get_body(("plain",))
    sent = message["Date"].datetime
    return FolderMail(
        id=path.stem,
        to=str(message["To"]),
        subject=str(message["Subject"]),
        text="" if body is None else str(body.get_content()).replace("\r\n", "\n"),
        date=int(sent.timestamp()),
    )
