"""Both systems in the test's own process, with one clock, and the way between them in its hands.

async with both_systems(platform_url, desk_url, clock) as both:
    visitor = both.visitor()
    await both.platform.state.signals.send_due()     # what is pushed goes through `both.post`
"""

import asyncio
from asyncio import StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
import uvicorn
from starlette.applications import Starlette

from cognigy_ai import app as cognigy_ai
from cognigy_ai import settings as platform_settings
from kernel.db import Database, open_database
from kernel.settings import load
from live_agent import app as live_agent
from live_agent import settings as desk_settings
from support.clock import FrozenClock
from support.event_tokens import EVENTS, MEDIA_TYPE
from support.peer import peer_that_says, raw, reply
from support.postgres import free_port
from support.visitor import Visitor

DESK = "http://localhost:3000"
SECRET = "a-client-secret-of-both-systems-0123456789"
SECRET_KEY_BASE = "0123456789abcdef" * 5


@dataclass
class Post:
    """What the platform pushes passes here: it is kept, and handed on unless it is `lost`."""

    desk: Starlette
    tokens: list[str] = field(default_factory=list)
    lost: bool = False

    async def talk(self, request: bytes, writer: StreamWriter) -> None:
        token = request.partition(b"\r\n\r\n")[2].decode()
        self.tokens.append(token)
        if self.lost:
            await raw(b"", hang_up=True)(request, writer)
            return
        answer = await self.deliver(token)
        await reply(answer.content, f"{answer.status_code} Answer")(request, writer)

    async def deliver(self, token: str) -> httpx.Response:
        """Whoever has a token may send it, as often as they like."""
        transport = httpx.ASGITransport(self.desk)
        async with httpx.AsyncClient(transport=transport, base_url=DESK) as anybody:
            return await anybody.post(EVENTS, content=token, headers={"content-type": MEDIA_TYPE})


@dataclass(frozen=True)
class Both:
    """The two applications, their databases, and the post between them."""

    platform: Starlette
    desk: Starlette
    platform_database: Database
    desk_database: Database
    clock: FrozenClock
    post: Post

    def visitor(self) -> Visitor:
        return Visitor(applications={DESK: self.desk})


@asynccontextmanager
async def both_systems(platform_url: str, desk_url: str, clock: FrozenClock) -> AsyncIterator[Both]:
    """On two migrated databases; nothing runs in the background."""
    port = free_port()
    issuer = f"http://localhost:{port}"
    desk_database = await open_database(desk_url)
    desk = live_agent.build_app(
        load(desk_settings.Settings, _desk_environment(issuer)),
        desk_database,
        clock,
        background=False,
    )
    post = Post(desk)
    try:
        async with peer_that_says(post.talk) as peer:
            platform_database = await open_database(platform_url)
            environment = _platform_environment(issuer, peer.url(""))
            settings = load(platform_settings.Settings, environment)
            platform = cognigy_ai.build_app(settings, platform_database, clock, background=False)
            async with _served(platform, port):
                yield Both(platform, desk, platform_database, desk_database, clock, post)
    finally:
        await desk.state.rechecks.close()
        await desk.state.provider.close()
        await desk.state.checkups.close()
        await desk_database.close()


@asynccontextmanager
async def _served(app: Starlette, port: int) -> AsyncIterator[None]:
    """Its life span ends it: background tasks, calls and database."""
    config = uvicorn.Config(
        app, host="127.0.0.1", port=port, loop="asyncio", ws="none", log_config=None,
        access_log=False, date_header=False, timeout_graceful_shutdown=1,
    )  # fmt: skip
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    task = asyncio.create_task(server._serve())
    try:
        while not server.started:
            await asyncio.sleep(0.01)
            assert not task.done(), "the server did not start"
        yield
    finally:
        server.should_exit = True
        await task


def _platform_environment(issuer: str, desk_api: str) -> dict[str, str]:
    return {
        "BACKEND_BASE_URL_WITH_PROTOCOL": issuer,
        "DEVELOPMENT_MODE": "true",
        "SECRET_KEY_BASE": SECRET_KEY_BASE,
        "FEATURE_USE_COGNIGY_LIVE_AGENT": "true",
        "CLIENT_SECRET_COGNIGY_LIVE_AGENT": SECRET,
        "REDIRECT_URI_COGNIGY_LIVE_AGENT": f"{DESK}/omniauth/cognigy/callback",
        "COGNIGY_LIVE_AGENT_API_BASE_URL_WITH_PROTOCOL": desk_api,
        "COGNIGY_LIVE_AGENT_UI_BASE_URL_WITH_PROTOCOL": DESK,
    }


def _desk_environment(issuer: str) -> dict[str, str]:
    return {
        "FRONTEND_URL": DESK,
        "DEVELOPMENT_MODE": "true",
        "SECRET_KEY_BASE": SECRET_KEY_BASE,
        "COGNIGY_OAUTH_CLIENT_ID": "cognigy-live-agent",
        "COGNIGY_OAUTH_CLIENT_SECRET": SECRET,
        "COGNIGY_OAUTH_SITE": issuer,
        "ACCESS_RECHECK_SECONDS": "3600",  # what ends access is what was pushed
        "ACCESS_GRACE_SECONDS": "86400",
    }
