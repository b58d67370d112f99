"""Both systems with their servers, and what it takes to race somebody."""

import asyncio
import base64
import hashlib
import secrets
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx

from support.databases import Databases
from support.servers import Pair, pair_of
from support.visitor import Visitor

T = TypeVar("T")

ORGANISATION = "5f1e0a2b3c4d5e6f7a8b9c0d"
REDIRECT_URI = "http://127.0.0.1:9/callback"  # never connected to
CLIENT_ID = "racer"
RACER = "racer@acme.example"  # of the platform only
FORGETFUL = "forgetful@acme.example"  # as well; asks for a link to set a password
MOVER = "mover@acme.example"  # an old user of Live Agent, and a verified one of the platform
UNPROVED = "unproved@acme.example"  # the same, but nobody has verified the address
OLD_PASSWORD = "nine old bridges over a river"


@dataclass
class Scene:
    """One organisation with its account, and the people who race."""

    pair: Pair
    account: int
    password: str
    client_secret: str

    @property
    def replicas(self) -> int:
        return len(self.pair.platform.servers)

    def visitor(self, replica: int = 0) -> Visitor:
        """A browser whose requests all go to that replica of both systems."""
        systems = (self.pair.platform, self.pair.desk)
        return Visitor({s.url: s.servers[replica % self.replicas].address for s in systems})

    async def new_code(self, visitor: Visitor) -> tuple[str, str]:
        """A code and its `code_verifier`."""
        verifier = secrets.token_urlsafe(43)
        challenge = hashlib.sha256(verifier.encode()).digest()
        query = {
            "response_type": "code",
            "client_id": CLIENT_ID,
            "redirect_uri": REDIRECT_URI,
            "scope": "openid email",
            "state": secrets.token_urlsafe(16),
            "nonce": secrets.token_urlsafe(16),
            "code_challenge": base64.urlsafe_b64encode(challenge).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        at = f"{self.pair.platform.url}/auth/oauth2/authorize?{urlencode(query)}"
        answer = await visitor.get(at, follow=False)
        if answer.status_code == 200:
            answer = await visitor.submit(answer, follow=False, email=RACER, password=self.password)
        while not answer.headers["location"].startswith(REDIRECT_URI):
            answer = await visitor.get(str(answer.next_request.url), follow=False)  # type: ignore[union-attr]
        return dict(parse_qsl(urlsplit(answer.headers["location"]).query))["code"], verifier

    async def redeem(self, visitor: Visitor, code: str, verifier: str) -> httpx.Response:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": REDIRECT_URI,
            "code_verifier": verifier,
        }
        endpoint = f"{self.pair.platform.url}/auth/oauth2/token"
        return await visitor.http.post(endpoint, data=form, auth=(CLIENT_ID, self.client_secret))

    async def callback(self, visitor: Visitor, email: str) -> str:
        """Sign in at the platform, and stop where the browser is about to come back."""
        answer = await visitor.get(f"{self.pair.desk.url}/omniauth/cognigy")
        answer = await visitor.submit(answer, follow=False, email=email, password=self.password)
        while not answer.headers["location"].startswith(self.pair.desk.redirect_uri):
            answer = await visitor.get(str(answer.next_request.url), follow=False)  # type: ignore[union-attr]
        return str(answer.headers["location"])

    def mails_to(self, address: str) -> list[str]:
        """The mails that were delivered so far."""
        files = sorted(self.pair.desk.mail_folder.iterdir())
        texts = [file.read_text(errors="replace") for file in files if file.is_file()]
        return [text for text in texts if address in text]

    def secret_of_session(self, visitor: Visitor) -> str | None:
        """The desk's session cookie in that browser."""
        return visitor.http.cookies.get(f"la_{self.pair.desk.port}_session")

    def users_with(self, email: str) -> list[dict[str, object]]:
        return [u for u in self.pair.desk.users(self.account) if u["email"] == email]


def prepared(databases: Databases, engine: str, folder: Path) -> Scene:
    pair = pair_of(
        databases.fresh(engine, "cognigy_ai"), databases.fresh(engine, "live_agent"), folder
    )
    password, client_secret = secrets.token_urlsafe(18), secrets.token_hex(32)
    person = {"organisation": ORGANISATION, "roles": ["liveAgentAgent"], "password": password}
    pair.platform.apply(
        organisations=[{"id": ORGANISATION, "name": "Acme"}],
        users=[
            person | {"email": email, "name": email, "email_verified": email != UNPROVED}
            for email in (RACER, FORGETFUL, MOVER, UNPROVED)
        ],
        clients=[
            {
                "client_id": CLIENT_ID,
                "name": "Racer",
                "secret": client_secret,
                "redirect_uris": [REDIRECT_URI],
                "consent": "implicit",
            }
        ],
    )
    account = pair.desk.create_account("Acme", ORGANISATION)
    for email in (MOVER, UNPROVED):
        pair.desk.create_old_user(email, account, OLD_PASSWORD)
    return Scene(pair, account, password, client_secret)


async def at_once(*runners: Awaitable[T]) -> list[T]:
    """Start them together and wait for all."""
    return list(await asyncio.gather(*runners))


@contextmanager
def beside(write: Callable[[int], object]) -> Iterator[None]:
    """`write(number)` again and again in a thread, until the block is left; its failures count."""
    over = threading.Event()
    failures: list[Exception] = []

    def run() -> None:
        number = 0
        while not over.is_set() or number == 0:
            number += 1
            try:
                write(number)
            except Exception as error:
                failures.append(error)
                return

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
    assert not failures, failures
