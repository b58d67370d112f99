"""Composition root: settings in, ASGI application out."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from kernel.bus import Bus
from kernel.clock import Clock
from kernel.courier import Courier
from kernel.db import Database
from kernel.html import pages_of
from kernel.janitor import Janitor
from kernel.keyring import KeyRing
from kernel.life import Life
from kernel.mail import mail_transport
from kernel.metrics import OFF, Metrics
from kernel.outbox import LETTERS
from kernel.passwords import Passwords
from kernel.settings import is_loopback
from kernel.vitals import Vitals
from kernel.web.api.limits import Quota, RateLimiter
from kernel.web.cookies import Cookies
from kernel.web.measured import Measured
from kernel.web.middleware import SecurityHeaders
from kernel.web.problem_pages import not_found
from kernel.web.shared import Unexpected
from kernel.web.site import Site
from kernel.workers import working
from live_agent.agents import keys
from live_agent.api_tokens.owners import Owners
from live_agent.audit import actions as audit
from live_agent.cognigy_api.directory import Directory
from live_agent.cognigy_api.provider import Provider
from live_agent.db import features
from live_agent.db.endings import SESSIONS_ENDED, SESSIONS_GONE
from live_agent.doctor.checkups import Checkups
from live_agent.mails import deliveries
from live_agent.migration import actions as migration
from live_agent.moves import mover
from live_agent.moves.mover import Mover
from live_agent.platform_people.actions import Readings
from live_agent.problems import Problem
from live_agent.routes import ROUTES
from live_agent.sessions import actions as sessions
from live_agent.sessions.streams import Streams
from live_agent.settings import Settings
from live_agent.signals import actions as signals
from live_agent.signals.recheck import Rechecks
from live_agent.state import State

LOOK_UPS = Quota(20, 60)  # each one asks the platform


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
    address = urlsplit(settings.frontend_url)
    strict = address.scheme == "https" and not is_loopback(address.hostname or "")
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
    letters = features.outbox(keyring)
    address = urlsplit(settings.frontend_url)
    pages = pages_of("live_agent", "Live Agent")
    site = Site(
        base_url=settings.frontend_url,
        pages=pages,
        keyring=keyring,
        cookies=Cookies("la", address.port or settings.port, secure=address.scheme == "https"),
        clock=clock,
        trusted_proxies=settings.trusted_proxies,
        support_url=settings.support_url,
    )
    provider = Provider(settings, clock)
    directory = Directory(settings, clock, provider)
    bus = Bus.of(settings, "live_agent", keyring)
    mails = deliveries(settings, pages, mail_transport(settings), clock)
    state = State(
        settings=settings,
        database=database,
        clock=clock,
        keyring=keyring,
        passwords=passwords,
        locks=features.locks(),
        outbox=letters,
        courier=Courier(database, letters, clock, mails, metrics),
        provider=provider,
        rechecks=Rechecks(settings, database, keyring, clock, provider, metrics),
        readings=Readings(database, clock, directory, settings.role_map()),
        checkups=Checkups(settings, database, clock),
        streams=Streams(database, clock, metrics),
        site=site,
        metrics=metrics,
        bus=bus,
        owners=Owners(settings, database, clock, directory),
        look_ups=RateLimiter(clock, LOOK_UPS, bus=bus, name="look-ups"),
        api_requests=RateLimiter(clock, bus=bus, name="api"),
        api_refusals=RateLimiter(clock, bus=bus, name="api-refusals"),
        life=life,
    )
    _connect_readers(state)
    return state


def _connect_readers(state: State) -> None:
    """What a commit tells, here or in another process, wakes whoever reads it."""
    state.bus.on(LETTERS, state.courier.wake)
    state.bus.on(SESSIONS_ENDED, state.streams.wake)
    state.bus.on(SESSIONS_GONE, state.streams.wake_for_gone)
    state.database.listen(state.bus.tell)
    state.life.at_last_call(state.streams.finish)


def _mover(state: State) -> Mover:
    return Mover(
        mover.Means(
            state.database,
            state.clock,
            state.outbox,
            state.courier,
            state.readings.directory,
            state.settings.issuer,
        )
    )


def _janitor(state: State) -> Janitor:
    database, kept = state.database, state.settings.audit_event_ttl_in_minutes
    return Janitor(
        state.clock,
        [
            lambda now: sessions.prune(database, now),
            lambda now: migration.prune(database, now),
            lambda now: signals.prune(database, now),
            lambda now: signals.erase_due(database, now),
            lambda _now: keys.keep_right(database),
            lambda now: state.locks.prune(database, now),
            lambda now: state.outbox.prune(database, now),
            lambda now: audit.TRAIL.prune(database, now, kept),
        ],
    )


def _lifespan(
    state: State, *, background: bool
) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def run(_app: Starlette) -> AsyncIterator[None]:
        vitals = Vitals(state.metrics, state.database, state.outbox, state.clock)
        vitals.show("live_agent", state.passwords)
        sealer = audit.TRAIL.sealer(state.database, state.clock)
        workers = (state.courier, _janitor(state), sealer, state.streams, state.bus, vitals)
        if background:
            state.provider.prepare()
        try:
            async with working(*((*workers, _mover(state)) if background else ())):
                yield
        finally:
            await state.rechecks.close()
            await state.owners.close()
            await state.checkups.close()
            await state.readings.close()
            await state.provider.close()
            await state.database.close()

    return run
