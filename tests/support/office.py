"""Live Agent alone in the test's own process: logins arrive as the platform's validated claims."""

import html
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
from sqlalchemy import select, update
from starlette.applications import Starlette

from kernel.db import Database, Row
from kernel.problems import ProblemCatalogue, ProblemError
from kernel.settings import load
from live_agent.accounts import actions as accounts
from live_agent.accounts.rules import Account
from live_agent.agents import actions as agents
from live_agent.agents.actions import OldUser
from live_agent.db import tables
from live_agent.migration import actions as migration
from live_agent.migration.actions import Entered, LinkNeeded, PlatformLogin
from live_agent.sessions import actions as sessions
from live_agent.sessions.rules import Session
from live_agent.settings import Settings
from live_agent.state import State
from support.clock import FrozenClock
from support.platform import digest_of
from support.visitor import Form, form_with

BASE = "http://localhost:3000"
ISSUER = "http://localhost:8000"
ACME = "aaaaaaaaaaaaaaaaaaaaaaaa"
OLD_PASSWORD = "copper-lantern-meadow-17"
ENVIRONMENT = {
    "FRONTEND_URL": BASE,
    "DEVELOPMENT_MODE": "true",
    "SECRET_KEY_BASE": "0123456789abcdef" * 5,
    "COGNIGY_OAUTH_CLIENT_SECRET": "a-client-secret-of-the-tests-1",
    "COGNIGY_OAUTH_SITE": ISSUER,
    "SMTP_ADDRESS": "mail.acme.example",  # mail waits in the outbox: no courier runs
    "COGNIGY_AI_UI_BASE_URL_WITH_PROTOCOL": ISSUER,
}
ADMIN: dict[str, Any] = {
    "subject": "root-1",
    "email": "root@acme.example",
    "name": "Root",
    "roles": ("administrator",),
}
GOOD: dict[str, Any] = {
    "issuer": ISSUER,
    "subject": "ada-1",
    "organisation": ACME,
    "email": "ada@acme.example",
    "email_verified": True,
    "name": "Ada Lovelace",
    "locale": "en",
    "roles": ("agent",),
    "sid": "sid-1",
    "access_revision": 1,
    "id_token": "an.id.token",
    "refresh_token": "a-refresh-token",
}


@dataclass
class Office:
    """One application on one database, with the account Acme."""

    app: Starlette
    database: Database
    clock: FrozenClock
    account: Account = field(init=False)
    leased: dict[str, tuple[str, Mapping[str, Any]]] = field(default_factory=dict)

    @property
    def state(self) -> State:
        state: State = self.app.state.all
        return state

    @property
    def now(self) -> int:
        return self.clock.now()

    @property
    def dashboard(self) -> str:
        return f"/app/accounts/{self.account.id}/dashboard"

    def browser(self, **headers: str) -> httpx.AsyncClient:
        """A browser of its own. It goes where a link leads, not further."""
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app),
            base_url=BASE,
            headers={"accept": "text/html", "accept-language": "en", **headers},
        )

    def browser_with(self, cookie: str, value: str) -> httpx.AsyncClient:
        """One that has a cookie already, as if our own answer had set it."""
        browser = self.browser()
        give_cookie(browser, cookie, value)
        return browser

    # --- people

    async def add_account(self, name: str = "Acme", organisation: str | None = ACME) -> Account:
        async with self.database.transaction() as tx:
            return await accounts.create(tx, name, organisation, self.now)

    async def add_old_user(self, **changes: Any) -> str:
        """Somebody with an old password; returns the id."""
        values: dict[str, Any] = {
            "account_id": self.account.id,
            "email": "ada@acme.example",
            "name": "Old Ada",
            "roles": ("agent",),
            "digest": await digest_of(OLD_PASSWORD),
            "confirmed": True,
        }
        async with self.database.transaction() as tx:
            return await agents.create_old(tx, OldUser(**(values | changes)), self.now)

    async def disable(self, user_id: str) -> None:
        async with self.database.transaction() as tx:
            assert await agents.disable(tx, self.account.id, user_id, self.now)
            await sessions.end_of_user(tx, user_id, "disabled", self.now)

    async def enable(self, user_id: str) -> None:
        async with self.database.transaction() as tx:
            assert await agents.enable(tx, self.account.id, user_id, self.now)

    async def suspend(self) -> None:
        async with self.database.transaction() as tx:
            await accounts.suspend(tx, self.account.id, self.now)
            await sessions.end_of_account(tx, self.account.id, "suspended", self.now)

    async def switch(self, **switches: bool) -> None:
        values: dict[str, Any] = {"oauth_login": None, "linking": None} | switches
        async with self.database.transaction() as tx:
            await accounts.set_switches(tx, self.account.id, **values, now=self.now)

    async def users(self) -> list[Row]:
        """Every row, the oldest first."""
        return await self.database.all(
            select(tables.users).order_by(tables.users.c.created_at, tables.users.c.id)
        )

    async def user(self, user_id: str) -> Row:
        found = [row for row in await self.users() if row["id"] == user_id]
        return found[0]

    async def rows(self, table: str) -> list[Row]:
        return await self.database.all(select(tables.metadata.tables[table]))

    async def events(self, event: str) -> list[Row]:
        return [row for row in await self.rows("audit_events") if row["event"] == event]

    async def set_user(self, user_id: str, **values: Any) -> None:
        statement = update(tables.users).where(tables.users.c.id == user_id).values(**values)
        await self.database.one(statement)

    # --- logins

    async def arrive(
        self,
        *,
        target: str | None = None,
        old_session: str | None = None,
        reference: str = "ABCDEFGHIJKL",
        user_agent: str = "a test",
        **changes: Any,
    ) -> Entered | LinkNeeded:
        """A platform login comes in."""
        return await migration.enter(
            self.state,
            PlatformLogin(**(GOOD | changes)),
            reference=reference,
            target=target,
            user_agent=user_agent,
            old_session_secret=old_session,
            now=self.now,
        )

    async def enter(self, **changes: Any) -> Entered:
        """The same, by somebody who gets in."""
        outcome = await self.arrive(**changes)
        assert isinstance(outcome, Entered), outcome
        return outcome

    async def refusal(self, **changes: Any) -> ProblemCatalogue:
        """The same, by somebody who does not."""
        try:
            outcome = await self.arrive(**changes)
        except ProblemError as error:
            return error.problem
        raise AssertionError(outcome)

    async def session(self, secret: str) -> Session | None:
        return await sessions.find(self.database, secret, self.now)

    async def signed_in_browser(self, **changes: Any) -> httpx.AsyncClient:
        return self.browser_with("session", (await self.enter(**changes)).session_secret)

    async def pending_browser(self, **changes: Any) -> httpx.AsyncClient:
        """On the way, before the proof of the old user."""
        outcome = await self.arrive(**changes)
        assert isinstance(outcome, LinkNeeded), outcome
        return self.browser_with("pending", outcome.pending_secret)

    async def old_login(
        self,
        browser: httpx.AsyncClient,
        email: str = "ada@acme.example",
        password: str = OLD_PASSWORD,
        **fields: str,
    ) -> httpx.Response:
        page = await browser.get("/old-login")
        return await submit(
            browser, form_with(page, "password"), email=email, password=password, **fields
        )

    async def letters(self, kind: str) -> list[Mapping[str, Any]]:
        """What waits in the outbox of that kind, the oldest first."""
        found = await self.state.outbox.lease(self.database, self.now, limit=100)
        self.leased |= {one.id: (one.kind, one.payload or {}) for one in found}
        return [payload for each, payload in self.leased.values() if each == kind]

    async def mailed_link(self) -> str:
        """The path of the newest link that waits in the outbox."""
        letters = await self.state.outbox.lease(self.database, self.now, limit=100)
        links = [one for one in letters if one.kind == "mail.link"]
        assert links[-1].payload is not None
        return "/login/link/confirm/" + str(links[-1].payload["secret"])


def new_office(database: Database, clock: FrozenClock, changes: dict[str, str]) -> Office:
    settings = load(Settings, ENVIRONMENT | changes)
    return Office(_build(settings, database, clock), database, clock)


def _build(settings: Settings, database: Database, clock: FrozenClock) -> Starlette:
    from live_agent.app import build_app

    return build_app(settings, database, clock, background=False)


def give_cookie(browser: httpx.AsyncClient, cookie: str, value: str) -> None:
    # The jar's own name for a host without a dot; another one would be another cookie.
    browser.cookies.set(f"la_3000_{cookie}", value, domain="localhost.local")


async def submit(browser: httpx.AsyncClient, form: Form, **fields: str) -> httpx.Response:
    """Fill in a form of a page, and send it."""
    return await browser.post(
        form.action,
        data=form.fields | fields,
        headers={"origin": BASE, "sec-fetch-site": "same-origin"},
    )


async def press(
    browser: httpx.AsyncClient, page: httpx.Response, deed: str, /, **fields: str
) -> httpx.Response:
    """One of the forms of /login/link."""
    from support.visitor import forms_of

    form = next(one for one in forms_of(page.text) if one.fields.get("deed") == deed)
    return await submit(browser, form, **fields)


async def read_as_admin(office: Office, address: str) -> str:
    """What an administrator reads between the frame of a page."""
    browser = await office.signed_in_browser(**ADMIN)
    page = await browser.get(address)
    assert page.status_code == 200
    return html.unescape(page.text).split('class="page-content"')[1]
