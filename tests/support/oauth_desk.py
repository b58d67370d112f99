"""Live Agent in the test's own process, before a provider on a real socket."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx
import structlog
from starlette.applications import Starlette

from kernel.db import Database
from kernel.metrics import OFF, Metrics
from kernel.settings import load
from live_agent.accounts import actions as accounts
from live_agent.app import build_app
from live_agent.settings import Settings
from support.clock import FrozenClock
from support.provider import (
    CLIENT_ID,
    CLIENT_SECRET,
    ORGANISATION,
    Provider,
)

DESK = "http://localhost:3000"
START = "/omniauth/cognigy"


@dataclass
class Desk:
    """Live Agent in the test's own process, with the provider it is configured for."""

    app: Starlette
    database: Database
    clock: FrozenClock
    provider: Provider
    account_id: int = 0
    events: list[Any] = field(default_factory=list)

    @property
    def dashboard(self) -> str:
        return f"/app/accounts/{self.account_id}/dashboard"

    def browser(self, **headers: str) -> httpx.AsyncClient:
        """A browser of its own. It goes where a link leads, not further."""
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app),
            base_url=DESK,
            headers={"accept": "text/html", "accept-language": "en", **headers},
        )

    def refusal(self) -> dict[str, Any]:
        """The last refusal in the log."""
        found: dict[str, Any] = [e for e in self.events if e["event"] == "request.refused"][-1]
        return found


def environment_of(provider: Provider, **changes: str) -> dict[str, str]:
    """Everything comes by discovery, but for what a test says."""
    return {
        "FRONTEND_URL": DESK,
        "DEVELOPMENT_MODE": "true",
        "SECRET_KEY_BASE": "0123456789abcdef" * 5,
        "COGNIGY_OAUTH_CLIENT_ID": CLIENT_ID,
        "COGNIGY_OAUTH_CLIENT_SECRET": CLIENT_SECRET,
        "COGNIGY_OAUTH_SITE": provider.url,
    } | changes


@asynccontextmanager
async def running_desk(
    database: Database,
    clock: FrozenClock,
    provider: Provider,
    environment: Mapping[str, str],
    metrics: Metrics = OFF,
) -> AsyncIterator[Desk]:
    settings = load(Settings, environment)
    app = build_app(settings, database, clock, metrics=metrics, background=False)
    desk = Desk(app, database, clock, provider)
    async with database.transaction() as tx:
        desk.account_id = (await accounts.create(tx, "Acme", ORGANISATION, clock.now())).id
    with structlog.testing.capture_logs() as events:
        desk.events = events
        yield desk
    await app.state.provider.close()
    await app.state.checkups.close()


async def start(browser: httpx.AsyncClient, path: str = START) -> str:
    """Press "Sign in": the provider's address that the browser is sent to."""
    answer = await browser.get(path, headers={"sec-fetch-site": "same-origin"})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def log_in(
    desk: Desk, browser: httpx.AsyncClient, path: str = START, **changes: str
) -> httpx.Response:
    """Press "Sign in", log in at the provider, come back: the answer of the callback."""
    location = await start(browser, path)
    return await browser.get(desk.provider.log_in(location, **changes))


async def failed_page(browser: httpx.AsyncClient, answer: httpx.Response) -> httpx.Response:
    """Follow a failed callback to the page that says why."""
    assert answer.status_code == 303
    location = answer.headers["location"]
    assert location.startswith("/login/failed/"), location
    assert urlsplit(location).query == ""
    return await browser.get(location)


CONFIGURATION = "Something is wrong with the OAuth configuration"


async def refused_login(desk: Desk, browser: httpx.AsyncClient, fault: str) -> dict[str, Any]:
    """Log in, be refused with error 1 and with that fault; the event of the log."""
    page = await failed_page(browser, await log_in(desk, browser))
    assert page.status_code == 500
    assert f">{CONFIGURATION}</h1>" in page.text
    assert fault in page.text
    event = desk.refusal()
    assert (event["problem"], event["fault"]) == ("oauth_configuration", fault)
    assert event["reference"] in page.text
    assert event["hint"]
    assert (await browser.get(desk.dashboard)).status_code == 303, "nobody is logged in"
    return event
