"""Registered clients: those of the database, and Live Agent's from the environment."""

from dataclasses import replace

from cognigy_ai.audit import actions as audit
from cognigy_ai.clients import rules, store
from cognigy_ai.clients.rules import Client
from cognigy_ai.problems import Problem
from cognigy_ai.settings import Settings
from kernel.db import Database, Tx, UniqueViolation
from kernel.opaque import fingerprint
from kernel.problems import ProblemError

CACHE_SECONDS = 1
MOST_CACHED = 1000  # ids come from requests: a flood of invented ones must not fill the memory
CALLBACK = "/omniauth/cognigy/callback"
LOGGED_OUT = "/logged-out"


class ClientRegistry:
    """What the protocol asks: is there such a client? Each answer is good for a second."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._live_agent = live_agent_client(settings)
        self._known: dict[str, tuple[int, Client | None]] = {}

    async def find(self, client_id: str, now: int) -> Client | None:
        """The client, or None if it is unknown or disabled."""
        if self._live_agent is not None and client_id == self._live_agent.client_id:
            return self._live_agent
        if not rules.CLIENT_ID.fullmatch(client_id):
            return None  # never registered: not looked up, not remembered
        known = self._known.get(client_id)
        if known is not None and 0 <= now - known[0] < CACHE_SECONDS:
            return known[1]
        found = await store.find(self._database, client_id)
        if found is not None and found.disabled:
            found = None
        if len(self._known) >= MOST_CACHED:
            self._known.clear()
        self._known[client_id] = (now, found)
        return found


def live_agent_client(settings: Settings) -> Client | None:
    """Live Agent as the environment describes it; None while the feature is off."""
    redirect_uri = settings.redirect_uri_cognigy_live_agent
    if not settings.feature_use_cognigy_live_agent or redirect_uri is None:
        return None
    secrets = (
        settings.client_secret_cognigy_live_agent,
        settings.client_secret_cognigy_live_agent_previous,
    )
    base = settings.cognigy_live_agent_ui_base_url_with_protocol
    if base is None and redirect_uri.endswith(CALLBACK):
        base = redirect_uri.removesuffix(CALLBACK)
    return Client(
        client_id=settings.client_id_cognigy_live_agent,
        name="Live Agent",
        secret_fingerprints=tuple(fingerprint(s.get_secret_value()) for s in secrets if s),
        auth_method="client_secret_post",  # as existing installations send it; Basic works too
        redirect_uris=(redirect_uri,),
        post_logout_redirect_uris=(base + LOGGED_OUT,) if base else (),
        grant_types=rules.GRANT_TYPES,
        id_token_alg="ES256",  # noqa: S106 - an algorithm
        consent="implicit",
        grant_lifetime=settings.auth_token_lifespan,
    )


async def list_(database: Database, settings: Settings) -> list[Client]:
    """All of them, Live Agent's first."""
    live_agent = live_agent_client(settings)
    return ([live_agent] if live_agent else []) + await store.list_clients(database)


async def find(db: Tx, client_id: str) -> Client | None:
    """A client of the database, also a disabled one."""
    return await store.find(db, client_id)


async def find_registered(db: Tx, settings: Settings, client_id: str) -> Client | None:
    """The same, or Live Agent's of the environment."""
    live_agent = live_agent_client(settings)
    if live_agent is not None and client_id == live_agent.client_id:
        return live_agent
    return await store.find(db, client_id)


async def get(db: Tx, client_id: str) -> Client:
    """The same; raises CLIENT_NOT_FOUND."""
    found = await store.find(db, client_id)
    if found is None:
        raise ProblemError(Problem.CLIENT_NOT_FOUND, client_id=client_id)
    return found


async def register(tx: Tx, client: Client, secret_fingerprint: str | None, now: int) -> None:
    """Add a client; raises CLIENT_INVALID or CLIENT_EXISTS."""
    _check(client)
    if client.auth_method == "none":
        secret_fingerprint = None
    elif secret_fingerprint is None:
        raise _invalid(client, "A client with this authentication method needs a secret.")
    try:
        await store.add(tx, client, secret_fingerprint, now)
    except UniqueViolation:
        raise ProblemError(Problem.CLIENT_EXISTS, client_id=client.client_id) from None
    await audit.record(tx, "client.registered", now, client_id=client.client_id)


async def change(tx: Tx, client: Client, now: int) -> bool:
    """Make everything but secret and state as given; False if it was so already."""
    _check(client)
    found = await get(tx, client.client_id)
    if (found.auth_method == "none") != (client.auth_method == "none"):
        raise _invalid(client, "A client with a secret stays one, and one without too.")
    if replace(client, secret_fingerprints=found.secret_fingerprints, disabled=found.disabled) == (
        found
    ):
        return False
    await store.change(tx, client)
    await audit.record(tx, "client.changed", now, client_id=client.client_id)
    return True


async def rotate_secret(
    tx: Tx, client_id: str, secret_fingerprint: str, now: int, *, keep_previous: bool = True
) -> None:
    """A new secret; the one before stays valid until the next rotation, or ends now."""
    client = await get(tx, client_id)
    if not await store.rotate_secret(
        tx, client_id, secret_fingerprint, keep_previous=keep_previous
    ):
        raise _invalid(client, "This client has no secret.")
    await audit.record(tx, "client.secret_rotated", now, client_id=client_id)


async def disable(tx: Tx, client_id: str, now: int) -> bool:
    """False if it was disabled already."""
    await get(tx, client_id)
    changed = await store.disable(tx, client_id, now)
    if changed:
        await audit.record(tx, "client.disabled", now, client_id=client_id)
    return changed


async def enable(tx: Tx, client_id: str, now: int) -> bool:
    """False if it was enabled already."""
    await get(tx, client_id)
    changed = await store.enable(tx, client_id)
    if changed:
        await audit.record(tx, "client.enabled", now, client_id=client_id)
    return changed


def _check(client: Client) -> None:
    fault = rules.fault_of(client)
    if fault is not None:
        raise _invalid(client, fault)


def _invalid(client: Client, fault: str) -> ProblemError:
    return ProblemError(Problem.CLIENT_INVALID, client_id=client.client_id, fault_text=fault)
