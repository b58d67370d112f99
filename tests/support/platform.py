"""Cognigy.AI in the test's own process, and people to test it with."""

from collections.abc import Mapping
from dataclasses import dataclass

import httpx
from starlette.applications import Starlette

from cognigy_ai.db import features
from cognigy_ai.organisations import actions as organisations
from cognigy_ai.sessions.login import LoginMeans
from cognigy_ai.settings import Settings
from cognigy_ai.users import actions as users
from cognigy_ai.users.rules import NewUser, User
from kernel.db import Database
from kernel.keyring import KeyRing
from kernel.passwords import Passwords
from kernel.settings import load
from support.clock import FrozenClock
from support.visitor import forms_of

BASE = "http://localhost:8000"
ENVIRONMENT = {
    "BACKEND_BASE_URL_WITH_PROTOCOL": BASE,
    "DEVELOPMENT_MODE": "true",
    "SECRET_KEY_BASE": "0123456789abcdef" * 5,
    "FEATURE_USE_COGNIGY_LIVE_AGENT": "true",
    "CLIENT_SECRET_COGNIGY_LIVE_AGENT": "a-live-agent-secret-of-the-tests",
    "REDIRECT_URI_COGNIGY_LIVE_AGENT": "http://localhost:3000/omniauth/cognigy/callback",
}
ACME = "aaaaaaaaaaaaaaaaaaaaaaaa"
PASSWORD = "correct horse battery staple"
OUTBOX = features.outbox(KeyRing(ENVIRONMENT["SECRET_KEY_BASE"]))  # as the application's


def settings_of(changes: Mapping[str, str] | None = None) -> Settings:
    """The environment of the tests, with changes; an empty value unsets a key."""
    return load(Settings, ENVIRONMENT | dict(changes or {}))


@dataclass
class Platform:
    """The pieces that headless tests call, on one database."""

    database: Database
    clock: FrozenClock
    app: Starlette

    @property
    def now(self) -> int:
        return self.clock.now()

    @property
    def means(self) -> LoginMeans:
        means: LoginMeans = self.app.state.login
        return means

    def browser(self) -> httpx.AsyncClient:
        """A browser of its own; it keeps its cookies."""
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app),
            base_url=BASE,
            headers={"accept": "text/html", "accept-language": "en"},
        )

    async def add_organisation(self, organisation_id: str = ACME, name: str = "Acme") -> str:
        async with self.database.transaction() as tx:
            return await organisations.create(tx, name, self.now, organisation_id)

    async def add_user(
        self,
        email: str = "ada@acme.example",
        *,
        organisation: str = ACME,
        name: str = "Ada Lovelace",
        roles: tuple[str, ...] = ("liveAgentAgent",),
        password: str | None = PASSWORD,
        email_verified: bool = True,
    ) -> User:
        digest = None if password is None else await digest_of(password)
        new = NewUser(organisation, email, name, roles, email_verified, "en", digest)
        async with self.database.transaction() as tx:
            return await users.get(tx, await users.create(tx, new, self.now))


_DIGESTS: dict[str, str] = {}


async def digest_of(password: str) -> str:
    """Computed once a run: argon2 is slow on purpose."""
    if password not in _DIGESTS:
        _DIGESTS[password] = await Passwords().digest(password)
    return _DIGESTS[password]


async def submit(
    browser: httpx.AsyncClient, page: httpx.Response, action: str, **fields: str
) -> httpx.Response:
    """Fill in the form of the page that posts there, and send it."""
    forms = [form for form in forms_of(page.text) if form.action == action]
    assert forms, f"no form for {action} at {page.url} ({page.status_code}): {page.text[:1000]}"
    form = forms[0]
    return await browser.post(
        action, data=form.fields | fields, headers={"origin": BASE, "sec-fetch-site": "same-origin"}
    )
