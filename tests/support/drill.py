"""A pair that works, in the test's own process on real sockets, and one fault injected into it."""

import asyncio
import contextlib
import shutil
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import trustme
import uvicorn
from joserfc import jwk
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from cognigy_ai.app import build_app as build_platform
from cognigy_ai.organisations import actions as organisations
from cognigy_ai.settings import Settings as PlatformSettings
from cognigy_ai.users import actions as users
from cognigy_ai.users.rules import NewUser
from kernel.clock import SystemClock
from kernel.db import Database, open_database
from kernel.settings import SettingsError, load
from live_agent.accounts import actions as accounts
from live_agent.app import build_app as build_desk
from live_agent.doctor import actions as doctor
from live_agent.doctor.rules.finding import Finding
from live_agent.settings import Settings as DeskSettings
from support.faults import CALLBACK, LOGIN, TOKEN, Fault
from support.platform import OUTBOX, PASSWORD, digest_of
from support.postgres import free_port
from support.smtp import mail_server
from support.visitor import Visitor

ACME, NOWHERE = "a" * 24, "d" * 24
EMAIL = "ada@acme.example"
SECRET, PLATFORM_TOKEN = "a-client-secret-of-the-drill-42", "a-platform-token-of-the-drill-42"
MAPPED = {"acme": ACME, "nowhere": NOWHERE}
SECRET_KEY_BASE = "0123456789abcdef" * 5


class ClockAhead(SystemClock):
    """A clock that is wrong."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds

    def now(self) -> int:
        return super().now() + self.seconds


class Interrupted:
    """An application some of whose paths are answered by somebody else."""

    def __init__(self, app: ASGIApp, answers: dict[str, str]) -> None:
        self.app, self.answers = app, answers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        kind = self.answers.get(scope.get("path", ""))
        if kind is None:
            await self.app(scope, receive, send)
            return
        if kind == "slow":
            await asyncio.sleep(1.5)
        await _answer_of(kind)(scope, receive, send)


def _answer_of(kind: str) -> Response:
    if kind == "odd_keys":
        key = jwk.ECKey.generate_key("P-521").as_dict(private=False)
        return JSONResponse({"keys": [dict(key)]})
    made = {
        "html": HTMLResponse("<h1>Welcome to nginx</h1>"),
        "slow": HTMLResponse("late"),
        "redirect": RedirectResponse("/elsewhere", 302),
        "busy": Response(status_code=503),
        "no_keys": JSONResponse({"keys": []}),
    }
    return made[kind]


@contextlib.asynccontextmanager
async def serving(app: ASGIApp, port: int, certificate: Path | None = None) -> AsyncIterator[None]:
    """On a loopback socket, in this event loop."""
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=port,
        lifespan="on",
        ws="none",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=1,
        ssl_certfile=certificate,
        ssl_keyfile=certificate,
    )
    # Without its main loop, which looks around only ten times a second.
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    await server.on_tick(0)  # the Date header
    try:
        yield
    finally:
        await server.shutdown()


@dataclass
class Seed:
    """Databases with keys, an organisation, a person and an account in them, to be copied."""

    platform: Path
    desk: Path

    @classmethod
    async def plant(cls, platform: Path, desk: Path) -> "Seed":
        clock = SystemClock()
        database = await open_database(f"sqlite:///{platform}", pool_size=1)
        settings = load(PlatformSettings, platform_environment(1, 2, platform))
        await build_platform(settings, database, clock, background=False).state.keys.ensure_keys(
            clock.now()
        )
        digest = await digest_of(PASSWORD)
        async with database.transaction() as tx:
            await organisations.create(tx, "Acme", clock.now(), ACME)
            await organisations.put_live_agent_account(tx, OUTBOX, ACME, 1, clock.now())
            new = NewUser(
                ACME, EMAIL, "Ada", ("liveAgentAgent",), email_verified=True, password_digest=digest
            )
            await users.create(tx, new, clock.now())
        await database.close()
        return cls(platform, desk)


def platform_environment(port: int, desk_port: int, database: Path) -> dict[str, str]:
    desk = f"http://127.0.0.1:{desk_port}"
    return {
        "DATABASE_URL": f"sqlite:///{database}",
        "DEVELOPMENT_MODE": "true",
        "SECRET_KEY_BASE": SECRET_KEY_BASE,
        "BACKEND_BASE_URL_WITH_PROTOCOL": f"http://127.0.0.1:{port}",
        "FRONTEND_BASE_URL_WITH_PROTOCOL": f"http://localhost:{port}",
        "FEATURE_USE_COGNIGY_LIVE_AGENT": "true",
        "CLIENT_SECRET_COGNIGY_LIVE_AGENT": SECRET,
        "REDIRECT_URI_COGNIGY_LIVE_AGENT": desk + CALLBACK,
        "COGNIGY_LIVE_AGENT_UI_BASE_URL_WITH_PROTOCOL": desk,
        "COGNIGY_LIVE_AGENT_API_BASE_URL_WITH_PROTOCOL": desk,
        "COGNIGY_LIVE_AGENT_PLATFORM_TOKEN": PLATFORM_TOKEN,
    }


def desk_environment(port: int, platform_port: int, database: Path) -> dict[str, str]:
    api, pages = f"http://127.0.0.1:{platform_port}", f"http://localhost:{platform_port}"
    return {
        "DATABASE_URL": f"sqlite:///{database}",
        "DEVELOPMENT_MODE": "true",
        "SECRET_KEY_BASE": SECRET_KEY_BASE[::-1],
        "FRONTEND_URL": f"http://127.0.0.1:{port}",
        "COGNIGY_OAUTH_CLIENT_SECRET": SECRET,
        "COGNIGY_OAUTH_SITE": api,
        "COGNIGY_OAUTH_TOKEN_URL": api + TOKEN,
        "COGNIGY_OAUTH_AUTHORIZE_URL": pages + LOGIN,
        "COGNIGY_AI_UI_BASE_URL_WITH_PROTOCOL": pages,
        "COGNIGY_PLATFORM_APP_TOKEN": PLATFORM_TOKEN,
    }


@dataclass(frozen=True)
class Ports:
    """Where everybody listens; at `nobody` nobody does."""

    platform: int
    desk: int
    nobody: int
    stranger: int

    def words(self) -> dict[str, str]:
        """What the list of faults writes in braces."""
        desk, api = f"http://127.0.0.1:{self.desk}", f"http://127.0.0.1:{self.platform}"
        return {
            "desk": desk,
            "desk_https": desk.replace("http:", "https:"),
            "desk_alias": desk.replace("127.0.0.1", "localhost"),
            "api": api,
            "pages": api.replace("127.0.0.1", "localhost"),
            "nobody_host": f"127.0.0.1:{self.nobody}",
            "nobody": f"http://127.0.0.1:{self.nobody}",
            "stranger": f"http://127.0.0.1:{self.stranger}",
            "port": str(self.platform),
        }


def environments(
    ports: Ports, folder: Path, fault: Fault | None
) -> tuple[dict[str, str], dict[str, str]]:
    """Those of Live Agent and of Cognigy.AI, with what the fault changes in them."""
    here = desk_environment(ports.desk, ports.platform, folder / "desk.db")
    there = platform_environment(ports.platform, ports.desk, folder / "platform.db")
    if fault is not None:
        words = ports.words()
        here |= {key: value.format(**words) for key, value in fault.here.items()}
        there |= {key: value.format(**words) for key, value in fault.there.items()}
    return here, there


@dataclass
class Scene:
    """The pair with the fault in it."""

    fault: Fault | None
    here: dict[str, str]
    there: dict[str, str]
    names: dict[str, str]  # actual address → the one that documentation shows

    async def examine(self) -> list[Finding]:
        """As `live-agent doctor` does."""
        try:
            settings = load(DeskSettings, self.here)
        except SettingsError as error:
            return [doctor.refused_setting(one.key, one.fault, one.fix) for one in error.faults]
        return await doctor.examine(settings, SystemClock())

    async def log_in(self) -> httpx.Response:
        """What the person sees at last; the browser believes any certificate."""
        async with Visitor() as visitor:
            await visitor.http.aclose()
            visitor.http = httpx.AsyncClient(
                verify=_trusting(),
                follow_redirects=True,
                timeout=10,
                headers={"accept": "text/html"},
            )
            page = await visitor.get(self.here["FRONTEND_URL"] + "/omniauth/cognigy")
            if 'name="password"' in page.text:
                page = await visitor.submit(page, email=EMAIL, password=PASSWORD)
            return page

    async def opened_by_a_person(self) -> httpx.Response | None:
        """None where the browser finds nobody, or Live Agent did not start."""
        try:
            return await self.log_in()
        except httpx.TransportError:
            return None

    def documented(self, text: str) -> str:
        for actual, shown in self.names.items():
            text = text.replace(actual, shown)
        return text


def _trusting() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


@contextlib.asynccontextmanager
async def scene(seed: Seed, folder: Path, fault: Fault | None = None) -> AsyncIterator[Scene]:
    """Both systems run with the fault, as far as they start with it."""
    set_up = fault or Fault("none", "Nothing is wrong", {})
    ports = Ports(free_port(), free_port(), free_port(), free_port())
    here, there = environments(ports, folder, fault)
    shutil.copyfile(seed.platform, folder / "platform.db")
    shutil.copyfile(seed.desk, folder / "desk.db")
    async with contextlib.AsyncExitStack() as stack:
        if "{stranger}" in repr(fault):
            await stack.enter_async_context(serving(_stranger, ports.stranger))
        certificate = None
        if set_up.certificate:
            certificate = _with_certificate(set_up.certificate, folder, here, there)
        if set_up.smtp:
            await _with_mail(set_up.smtp, stack, here, ports.nobody)
        found = Scene(fault, here, there, _shown(ports.words(), ports.platform))
        await _prepare_accounts(folder / "desk.db", set_up)
        clock = ClockAhead(set_up.seconds_ahead) if set_up.seconds_ahead else SystemClock()
        if not set_up.down:
            settings = load(PlatformSettings, there)
            database = await open_database(settings.database_address(), pool_size=2)
            app = build_platform(settings, database, clock, background=False)
            await stack.enter_async_context(
                serving(Interrupted(app, set_up.answers), ports.platform, certificate)
            )
        await _serve_desk(stack, here, ports.desk)
        yield found


async def _serve_desk(stack: contextlib.AsyncExitStack, here: dict[str, str], port: int) -> None:
    with contextlib.suppress(SettingsError):
        settings = load(DeskSettings, here)
        database = await open_database(settings.database_address(), pool_size=2)
        app = build_desk(settings, database, SystemClock(), background=False)
        await stack.enter_async_context(serving(app, port))


async def _prepare_accounts(path: Path, fault: Fault) -> None:
    database: Database = await open_database(f"sqlite:///{path}", pool_size=1)
    organisation = MAPPED.get(fault.account_of)
    async with database.transaction() as tx:
        await accounts.create(tx, "Acme", organisation, SystemClock().now())
    if fault.version:
        database.run("UPDATE alembic_version SET version_num = ?", [fault.version])
    await database.close()


async def _with_mail(
    kind: str, stack: contextlib.AsyncExitStack, here: dict[str, str], nobody: int
) -> None:
    here |= {"SMTP_ADDRESS": "127.0.0.1", "SMTP_PORT": str(nobody)}
    if kind == "refuses":
        server = await stack.enter_async_context(
            mail_server(offers=["8BITMIME", "AUTH PLAIN"], refuse={"AUTH": "535 no"})
        )
        here |= {
            "SMTP_PORT": str(server.port),
            "SMTP_USERNAME": "desk",
            "SMTP_PASSWORD": "wrong-password-of-the-drill",
        }


def _with_certificate(kind: str, folder: Path, here: dict[str, str], there: dict[str, str]) -> Path:
    """The platform speaks TLS; its certificate is as the fault says."""
    authority = trustme.CA(organization_name="Example Authority", organization_unit_name="Drill")
    yesterday = datetime.now(UTC) - timedelta(days=1)
    names = ("elsewhere.example",) if kind == "other_host" else ("127.0.0.1", "localhost")
    expired = {"not_before": yesterday - timedelta(days=90), "not_after": yesterday}
    issued = authority.issue_cert(
        *names, common_name=names[0], **(expired if kind == "expired" else {})
    )
    path = folder / "platform.pem"
    issued.private_key_and_cert_chain_pem.write_to_path(path)
    if kind != "unknown":
        authority.cert_pem.write_to_path(folder / "ca.pem")
        here["SSL_CA_FILE"] = str(folder / "ca.pem")
    for environment, mark in ((here, "COGNIGY_"), (there, "_BASE_URL")):
        for key, value in environment.items():
            if mark in key and "LIVE_AGENT" not in key and value.startswith("http:"):
                environment[key] = value.replace("http:", "https:")
    return path


def _shown(words: dict[str, str], port: int) -> dict[str, str]:
    return {
        words["desk"]: "http://live-agent.example.com",
        words["desk_https"]: "https://live-agent.example.com",
        words["desk_alias"]: "http://desk.example.com",
        words["api"]: "http://api.example.com",
        words["pages"]: "http://cognigy.example.com",
        words["nobody"]: "http://nobody.example.com",
        words["stranger"]: "http://stranger.example.com",
        words["api"].replace("http:", "https:"): "https://api.example.com",
        f"api.localhost:{port}": "missing.example.com",
    }


async def _stranger(scope: Scope, receive: Receive, send: Send) -> None:
    """Somebody's server: one key of its own, else a page."""
    if scope["type"] == "lifespan":
        while (await receive())["type"] != "lifespan.shutdown":
            await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.complete"})
        return
    key: Any = jwk.ECKey.generate_key("P-256", {"kid": "another", "use": "sig", "alg": "ES256"})
    keys = JSONResponse({"keys": [dict(key.as_dict(private=False))]})
    answer = keys if scope["path"] == "/keys" else HTMLResponse("<h1>Somebody</h1>", 404)
    await answer(scope, receive, send)
