"""Composition root: settings in, ASGI application out. Every URL of the platform is in ROUTES."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from cognigy_ai.clients.actions import ClientRegistry
from cognigy_ai.db import features
from cognigy_ai.guards import ANYBODY, SIGNED_IN
from cognigy_ai.help.pages import show_help, show_topic
from cognigy_ai.keys.actions import KeyStore
from cognigy_ai.oauth.account import post_account, show_account
from cognigy_ai.oauth.answers import ENDPOINT, preflight
from cognigy_ai.oauth.authorize import CROSS_SITE_FORM, post_authorize, show_authorize
from cognigy_ai.oauth.consent import post_consent, show_consent
from cognigy_ai.oauth.discovery import show_jwks, show_metadata, show_metadata_of_path
from cognigy_ai.oauth.introspect import post_introspect
from cognigy_ai.oauth.login import LOGIN_FORM, post_login, show_login_or_authorize
from cognigy_ai.oauth.logout import end_session, post_logout, show_logged_out
from cognigy_ai.oauth.revoke import post_revoke
from cognigy_ai.oauth.step_pages import STEP
from cognigy_ai.oauth.token import post_token
from cognigy_ai.oauth.userinfo import show_userinfo
from cognigy_ai.problems import Problem
from cognigy_ai.profile.pages import go_home, post_password, show_profile
from cognigy_ai.profile.password_link import post_password_link, show_done, show_password_link
from cognigy_ai.sessions import actions as sessions
from cognigy_ai.sessions.login import LoginMeans
from cognigy_ai.settings import Settings
from cognigy_ai.state import State
from cognigy_ai.tokens import actions as tokens
from cognigy_ai.users import links
from kernel.clock import Clock
from kernel.db import Database
from kernel.html import Pages
from kernel.janitor import Janitor
from kernel.keyring import KeyRing
from kernel.mail import delivery, mail_transport
from kernel.outbox import Courier
from kernel.passwords import Passwords
from kernel.settings import is_loopback
from kernel.web.cookies import Cookies
from kernel.web.guards import guarded
from kernel.web.middleware import SecurityHeaders
from kernel.web.problem_pages import not_found
from kernel.web.shared import Unexpected, shared_routes
from kernel.web.site import Site

ROUTES: list[BaseRoute] = [
    # the login, in its order
    guarded("GET", "/auth/oauth2/authorize", show_authorize, ANYBODY),
    guarded("POST", "/auth/oauth2/authorize", post_authorize, CROSS_SITE_FORM),
    guarded("GET", "/login", show_login_or_authorize, ANYBODY),
    guarded("POST", "/login", post_login, LOGIN_FORM),
    guarded("GET", "/login/account", show_account, STEP),
    guarded("POST", "/login/account", post_account, STEP),
    guarded("GET", "/login/consent", show_consent, STEP),
    guarded("POST", "/login/consent", post_consent, STEP),
    guarded("POST", "/auth/oauth2/token", post_token, ENDPOINT),
    guarded("GET POST", "/auth/oauth2/userinfo", show_userinfo, ENDPOINT),
    guarded("POST", "/auth/oauth2/introspect", post_introspect, ENDPOINT),
    guarded("POST", "/auth/oauth2/revoke", post_revoke, ENDPOINT),
    guarded("OPTIONS", "/auth/oauth2/token", preflight, ENDPOINT),
    guarded("OPTIONS", "/auth/oauth2/userinfo", preflight, ENDPOINT),
    guarded("OPTIONS", "/auth/oauth2/revoke", preflight, ENDPOINT),
    guarded("GET", "/auth/oauth2/logout", end_session, ANYBODY),
    guarded("POST", "/auth/oauth2/logout", end_session, CROSS_SITE_FORM),
    guarded("POST", "/logout", post_logout, ANYBODY),
    guarded("GET", "/logged-out", show_logged_out, ANYBODY),
    # what clients read of us
    guarded("GET", "/.well-known/openid-configuration", show_metadata, ENDPOINT),
    guarded("GET", "/.well-known/oauth-authorization-server", show_metadata, ENDPOINT),
    guarded(
        "GET",
        "/.well-known/oauth-authorization-server/{path:path}",
        show_metadata_of_path,
        ENDPOINT,
    ),
    guarded("GET", "/.well-known/jwks.json", show_jwks, ENDPOINT),
    # a person's own pages
    guarded("GET", "/", go_home, ANYBODY),
    guarded("GET", "/profile", show_profile, SIGNED_IN),
    guarded("POST", "/profile/password", post_password, SIGNED_IN),
    guarded("GET", "/password/set/{secret}", show_password_link, ANYBODY),
    guarded("POST", "/password/set/{secret}", post_password_link, ANYBODY),
    guarded("GET", "/password/done", show_done, ANYBODY),
    # --- a person's sessions, applications and keys
    # --- forgotten password, new address
    # --- two-step login, and the steps between password and session
    # Admin Center
    # --- Access Control
    # --- imports and audit events
    # --- organisation: Live Agent
    # --- organisation: security
    # --- API keys, and the JSON API
    # help
    guarded("GET", "/help", show_help, ANYBODY),
    guarded("GET", "/help/{code}", show_topic, ANYBODY),
    *shared_routes("cognigy_ai", ANYBODY),
]


def build_app(
    settings: Settings,
    database: Database,
    clock: Clock,
    *,
    passwords: Passwords | None = None,
    background: bool = True,
) -> Starlette:
    """The application on an open, migrated database; without `background` nothing runs beside."""
    state = _state(settings, database, clock, passwords or Passwords())
    pages = urlsplit(settings.pages_url)
    https = pages.scheme == "https"
    strict = https and not is_loopback(pages.hostname or "")
    app = Starlette(
        routes=ROUTES,
        middleware=[
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


def _state(settings: Settings, database: Database, clock: Clock, passwords: Passwords) -> State:
    keyring = KeyRing(*settings.secrets())
    locks = features.locks()
    letters = features.outbox(keyring)
    transport = mail_transport(settings)
    pages = urlsplit(settings.pages_url)
    site = Site(
        base_url=settings.pages_url,
        pages=Pages("cognigy_ai", "Cognigy.AI"),
        keyring=keyring,
        cookies=Cookies("ai", pages.port or settings.port, secure=pages.scheme == "https"),
        clock=clock,
        trusted_proxies=settings.trusted_proxies,
        support_url=settings.support_url,
    )
    return State(
        settings=settings,
        database=database,
        clock=clock,
        keyring=keyring,
        passwords=passwords,
        locks=locks,
        outbox=letters,
        courier=Courier(database, letters, clock, {"mail": delivery(transport, clock)}),
        keys=KeyStore(database, keyring),
        clients=ClientRegistry(database, settings),
        login=LoginMeans(settings, database, clock, keyring, passwords, locks),
        site=site,
    )


def _janitor(state: State) -> Janitor:
    database = state.database
    return Janitor(
        state.clock,
        [
            lambda now: sessions.prune(database, now),
            lambda now: tokens.prune(database, now),
            lambda now: links.prune(database, now),
            lambda now: state.locks.prune(database, now),
            lambda now: state.outbox.prune(database, now),
        ],
    )


def _lifespan(
    state: State, *, background: bool
) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def run(_app: Starlette) -> AsyncIterator[None]:
        await state.keys.ensure_keys(state.clock.now())
        jobs = [state.courier.run(), _janitor(state).run()] if background else []
        tasks = [asyncio.create_task(job) for job in jobs]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            for task in tasks:
                with suppress(asyncio.CancelledError):
                    await task
            await state.database.close()

    return run
