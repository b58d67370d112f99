"""An organisation, people, clients, and a browser."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette

from cognigy_ai.app import build_app
from cognigy_ai.clients import actions as clients
from cognigy_ai.clients.rules import Client
from cognigy_ai.keys import store as key_store
from cognigy_ai.keys.rules import KeyTimes
from cognigy_ai.organisations import actions as organisations
from cognigy_ai.settings import Settings
from cognigy_ai.users import actions as users
from cognigy_ai.users.rules import NewUser
from kernel.db import Database
from kernel.jose import ALGORITHMS, new_key, private_jwk
from kernel.keyring import KeyRing
from kernel.opaque import fingerprint
from kernel.passwords import Passwords
from kernel.settings import load
from support.clock import JANUARY_2026, FrozenClock
from support.relying_party import ISSUER, PASSWORD, RelyingParty

ACME = "a" * 24
GLOBEX = "b" * 24
SECRET_KEY_BASE = "0123456789abcdef" * 4
DESK_SECRET = "the-secret-of-the-desk-0123456789"
ENVIRONMENT = {
    "BACKEND_BASE_URL_WITH_PROTOCOL": ISSUER,
    "SECRET_KEY_BASE": SECRET_KEY_BASE,
    "FEATURE_USE_COGNIGY_LIVE_AGENT": "true",
    "CLIENT_ID_COGNIGY_LIVE_AGENT": "desk",
    "CLIENT_SECRET_COGNIGY_LIVE_AGENT": DESK_SECRET,
    "REDIRECT_URI_COGNIGY_LIVE_AGENT": "https://desk.example.com/omniauth/cognigy/callback",
}
APP = Client(
    client_id="app",
    name="Some <b>App</b>",
    auth_method="client_secret_post",
    redirect_uris=("https://app.example.com/cb?tenant=1", "https://app.example.com/cb2"),
    post_logout_redirect_uris=("https://app.example.com/bye",),
    consent="ask",
)
PUBLIC = Client(
    client_id="phone",
    name="Phone",
    auth_method="none",
    redirect_uris=("com.example.phone:/cb",),
    consent="implicit",
    id_token_alg="EdDSA",
)
SHORT = Client(
    client_id="short",
    name="Short",
    redirect_uris=("https://short.example.com/cb",),
    grant_types=("authorization_code",),
    scopes=("openid", "email"),
    pkce="optional",
    consent="implicit",
)


@pytest.fixture(scope="session")
def key_rows() -> list[key_store.KeyRow]:
    """Signing keys, made once: an RSA key takes a tenth of a second."""
    keyring = KeyRing(SECRET_KEY_BASE)
    rows = []
    for alg in ALGORITHMS:
        key = new_key(alg)
        times = KeyTimes(key.kid, alg, 1, JANUARY_2026, JANUARY_2026, revoked_at=None)
        rows.append(key_store.KeyRow(times, keyring.seal("signing-key", private_jwk(key))))
    return rows


@pytest.fixture(scope="session")
def password_digest() -> str:
    return asyncio.run(Passwords().digest(PASSWORD))


@pytest.fixture
def settings(database_url: str) -> Settings:
    return load(Settings, ENVIRONMENT | {"DATABASE_URL": database_url})


@pytest.fixture
async def app(
    settings: Settings,
    database: Database,
    clock: FrozenClock,
    key_rows: list[key_store.KeyRow],
    password_digest: str,
) -> Starlette:
    """The platform with Acme (Ada, Ben) and Globex (Eve), and three clients beside the desk."""
    now = clock.now()
    async with database.transaction() as tx:
        for row in key_rows:
            await key_store.add_first(tx, row)
        await organisations.create(tx, "Acme", now, ACME)
        await organisations.create(tx, "Globex", now, GLOBEX)
        for organisation, email, name, roles in (
            (ACME, "ada@acme.example", "Ada King", ("admin", "liveAgentAdmin")),
            (ACME, "ben@acme.example", "Ben Bot", ("admin", "liveAgentAgent")),
            (GLOBEX, "eve@globex.example", "Eve Ill", ("liveAgentAgent",)),
        ):
            new = NewUser(
                organisation,
                email,
                name,
                roles,
                email_verified=email.startswith("ada"),
                password_digest=password_digest,
            )
            await users.create(tx, new, now)
        await clients.register(tx, APP, fingerprint("app-secret"), now)
        await clients.register(tx, PUBLIC, None, now)
        await clients.register(tx, SHORT, fingerprint("short-secret"), now)
    return build_app(settings, database, clock, background=False)


@contextlib.asynccontextmanager
async def browser(app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    """A new browser, signed out."""
    transport = httpx.ASGITransport(app)
    headers = {"accept": "text/html"}
    async with httpx.AsyncClient(transport=transport, base_url=ISSUER, headers=headers) as client:
        yield client


@pytest.fixture
async def http(app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    """A browser that is signed out."""
    async with browser(app) as client:
        yield client


@pytest.fixture
async def other_browser(app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody else's browser."""
    async with browser(app) as client:
        yield client


@pytest.fixture
def desk(http: httpx.AsyncClient) -> RelyingParty:
    """Live Agent: confidential, consent implicit, ES256."""
    redirect_uri = ENVIRONMENT["REDIRECT_URI_COGNIGY_LIVE_AGENT"]
    return RelyingParty(http, "desk", DESK_SECRET, redirect_uri)


@pytest.fixture
def some_app(http: httpx.AsyncClient) -> RelyingParty:
    """Another confidential client, which has to ask for consent; RS256."""
    return RelyingParty(http, "app", "app-secret", APP.redirect_uris[0], "openid email")


@pytest.fixture
def phone(http: httpx.AsyncClient) -> RelyingParty:
    """A client without a secret; EdDSA."""
    return RelyingParty(http, "phone", None, PUBLIC.redirect_uris[0])


@pytest.fixture
def short(http: httpx.AsyncClient) -> RelyingParty:
    """A client without refresh tokens, with few scopes, for which PKCE is optional."""
    uri = SHORT.redirect_uris[0]
    return RelyingParty(http, "short", "short-secret", uri, "openid email")


@pytest.fixture
async def signed_in(desk: RelyingParty) -> RelyingParty:
    """The desk, in a browser in which Ada is signed in."""
    answer = await desk.log_in()
    assert answer.status_code == 303
    return desk
