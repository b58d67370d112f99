"""Composition root: settings in, ASGI application out."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from cognigy_ai.api_keys import actions as api_keys
from cognigy_ai.audit import actions as audit
from cognigy_ai.clients.actions import ClientRegistry
from cognigy_ai.clients.secret_uses import SecretUses
from cognigy_ai.db import features
from cognigy_ai.imports import actions as imports
from cognigy_ai.imports.worker import Importer
from cognigy_ai.keys.actions import KeyStore
from cognigy_ai.letters import LIVE_AGENT_ACCOUNT
from cognigy_ai.live_agent.actions import LiveAgent, tell_state
from cognigy_ai.live_agent_api.client import LiveAgentApi
from cognigy_ai.mails import deliveries
from cognigy_ai.problems import Problem
from cognigy_ai.routes import ROUTES
from cognigy_ai.sessions import actions as sessions
from cognigy_ai.sessions.login import LoginMeans
from cognigy_ai.settings import Settings, key_with_side
from cognigy_ai.signals import actions as signals
from cognigy_ai.signals.backlog import Backlog
from cognigy_ai.signals.sender import Sender
from cognigy_ai.signals.sending import Transmitter
from cognigy_ai.state import State
from cognigy_ai.tokens import actions as tokens
from cognigy_ai.users import emails, keys, links
from cognigy_ai.users.mail_limits import MailLimits
from kernel.bus import Bus
from kernel.clock import Clock
from kernel.courier import Courier
from kernel.db import Database
from kernel.html import pages_of
from kernel.janitor import Janitor
from kernel.keyring import KeyRing
from kernel.life import Life
from kernel.mail import delivery, mail_transport
from kernel.metrics import OFF, Metrics
from kernel.outbox import LETTERS
from kernel.passwords import Passwords
from kernel.settings import is_loopback
from kernel.vitals import Vitals
from kernel.web.api.limits import RateLimiter
from kernel.web.cookies import Cookies
from kernel.web.measured import Measured
from kernel.web.middleware import SecurityHeaders
from kernel.web.problem_pages import not_found
from kernel.web.shared import Unexpected
from kernel.web.site import Site
from kernel.workers import working


def build_app(  # noqa: PLR0913 - what a process is made of
    settings: Settings,
    database: Database,
    clock: Clock,
    *,
    passwords: Passwords | None = None,
    metrics: Metrics = OFF,
    life: Life | None = None,
    background: bool = True,
) -> Starlette:
    """The application on an open, migrated database; without `background` nothing runs beside."""
    state = _state(settings, database, clock, passwords or Passwords(), metrics, life or Life())
    pages = urlsplit(settings.pages_url)
    https = pages.scheme == "https"
    strict = https and not is_loopback(pages.hostname or "")
    app = Starlette(
        routes=ROUTES,
        middleware=[
            *([Middleware(Measured, metrics)] if metrics.on else []),
            Middleware(SecurityHeaders, strict_transport=strict),
            Middleware(Unexpected),
        ],
        exception_handlers={HTTPException: not_found(Problem)},
        lifespan=_lifespan(state, background=background),
    )
    app.router.redirect_slashes = False
    app.state.all = state
    app.state.problems = Problem
    app.state.ready_checks = {"keys": lambda: state.keys.can_sign(clock.now())}
    for name in State.__dataclass_fields__:
        setattr(app.state, name, getattr(state, name))
    return app


def _state(
    settings: Settings,
    database: Database,
    clock: Clock,
    passwords: Passwords,
    metrics: Metrics,
    life: Life,
) -> State:
    keyring = KeyRing(*settings.secrets())
    locks = features.locks()
    mail_limits = MailLimits(keyring, locks)
    letters = features.outbox(keyring)
    transport = mail_transport(settings)
    pages = urlsplit(settings.pages_url)
    live_agent = LiveAgent(settings, database, clock, letters, LiveAgentApi(settings))
    site = Site(
        base_url=settings.pages_url,
        pages=pages_of("cognigy_ai", "Cognigy.AI"),
        keyring=keyring,
        cookies=Cookies("ai", pages.port or settings.port, secure=pages.scheme == "https"),
        clock=clock,
        trusted_proxies=settings.trusted_proxies,
        support_url=settings.support_url,
        key_text=key_with_side,
    )
    bus = Bus.of(settings, "cognigy_ai", keyring)
    key_store = KeyStore(database, keyring)
    transmitter = Transmitter(settings, database, key_store, clock)
    state = State(
        settings=settings,
        database=database,
        clock=clock,
        keyring=keyring,
        passwords=passwords,
        locks=locks,
        mail_limits=mail_limits,
        outbox=letters,
        courier=Courier(
            database,
            letters,
            clock,
            {
                "mail": delivery(transport, clock),
                **deliveries(settings, site.pages, transport, clock),
                LIVE_AGENT_ACCOUNT: partial(tell_state, live_agent),
            },
            metrics,
        ),
        transmitter=transmitter,
        signals=Sender(database, clock, transmitter),
        keys=key_store,
        clients=ClientRegistry(database, settings),
        secret_uses=SecretUses(database, clock, metrics),
        login=LoginMeans(settings, database, clock, keyring, passwords, locks),
        live_agent=live_agent,
        importer=Importer(database, clock, keyring, letters, mail_limits),
        site=site,
        metrics=metrics,
        life=life,
        bus=bus,
        api_requests=RateLimiter(clock, bus=bus, name="api"),
        api_refusals=RateLimiter(clock, bus=bus, name="api-refusals"),
    )
    _connect_readers(state)
    return state


def _connect_readers(state: State) -> None:
    """What a commit tells, here or in another process, wakes whoever reads it."""
    state.bus.on(LETTERS, state.courier.wake)
    state.bus.on(signals.WAITING, state.signals.wake)
    state.database.listen(state.bus.tell)


def _janitor(state: State) -> Janitor:
    database, kept = state.database, state.settings.audit_event_ttl_in_minutes
    return Janitor(
        state.clock,
        [
            lambda now: sessions.prune(database, now),
            lambda now: tokens.prune(database, now),
            lambda now: links.prune(database, now),
            lambda now: emails.prune(database, now),
            lambda now: api_keys.prune(database, now),
            lambda now: imports.prune(database, now),
            lambda _now: keys.keep_right(database),
            lambda now: audit.TRAIL.prune(database, now, kept),
            lambda now: state.locks.prune(database, now),
            lambda now: state.outbox.prune(database, now),
            lambda now: signals.prune(database, now),
        ],
    )


def _lifespan(
    state: State, *, background: bool
) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def run(_app: Starlette) -> AsyncIterator[None]:
        await state.keys.ensure_keys(state.clock.now())
        sealer = audit.TRAIL.sealer(state.database, state.clock)
        vitals = Vitals(state.metrics, state.database, state.outbox, state.clock)
        vitals.show("cognigy_ai", state.passwords)
        backlog = Backlog(state.metrics, state.database, state.clock)
        helpers = (_janitor(state), sealer, state.bus, vitals, backlog, state.secret_uses)
        workers = (state.courier, state.signals, state.importer, *helpers)
        try:
            async with working(*(workers if background else ())):
                yield
        finally:
            await state.live_agent.api.close()
            await state.transmitter.close()
            await state.database.close()

    return run
