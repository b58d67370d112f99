"""SQL for registered clients. Lists are JSON text."""

import json
from collections.abc import Mapping

from sqlalchemy import BigInteger, String, bindparam, insert, select, update

from cognigy_ai.clients.rules import Client
from cognigy_ai.db.tables import clients
from kernel.db import Row, Tx

c = clients.c
_id = bindparam("id", type_=String)
_now = bindparam("now", type_=BigInteger)
_secret = bindparam("secret", type_=String)

CHANGEABLE = (
    "name",
    "auth_method",
    "redirect_uris",
    "post_logout_redirect_uris",
    "backchannel_logout_uri",
    "scopes",
    "grant_types",
    "id_token_alg",
    "pkce",
    "consent",
    "grant_lifetime",
)
LISTS = ("redirect_uris", "post_logout_redirect_uris", "scopes", "grant_types")

FIND = select(clients).where(c.client_id == _id)
LIST = select(clients).order_by(c.client_id)
ADD = insert(clients)
CHANGE = (
    update(clients)
    .where(c.client_id == _id)
    .values({name: bindparam(f"new_{name}", type_=c[name].type) for name in CHANGEABLE})
    .returning(c.client_id)
)
ROTATE_SECRET = (
    update(clients)
    .where(c.client_id == _id, c.auth_method != "none")
    .values(previous_secret_fingerprint=c.secret_fingerprint, secret_fingerprint=_secret)
    .returning(c.client_id)
)
SET_ONLY_SECRET = (
    update(clients)
    .where(c.client_id == _id, c.auth_method != "none")
    .values(previous_secret_fingerprint=None, secret_fingerprint=_secret)
    .returning(c.client_id)
)
DISABLE = (
    update(clients)
    .where(c.client_id == _id, c.disabled_at.is_(None))
    .values(disabled_at=_now)
    .returning(c.client_id)
)
ENABLE = (
    update(clients)
    .where(c.client_id == _id, c.disabled_at.is_not(None))
    .values(disabled_at=None)
    .returning(c.client_id)
)


async def find(db: Tx, client_id: str) -> Client | None:
    row = await db.one(FIND, id=client_id)
    return None if row is None else _client(row)


async def list_clients(db: Tx) -> list[Client]:
    return [_client(row) for row in await db.all(LIST)]


async def add(tx: Tx, client: Client, secret_fingerprint: str | None, now: int) -> None:
    """Raises UniqueViolation if the id is taken."""
    await tx.one(
        ADD,
        client_id=client.client_id,
        **_columns(client),
        secret_fingerprint=secret_fingerprint,
        previous_secret_fingerprint=None,
        created_at=now,
        disabled_at=None,
    )


async def change(tx: Tx, client: Client) -> None:
    """Everything but id, secret and state."""
    values = {f"new_{name}": value for name, value in _columns(client).items()}
    await tx.one(CHANGE, id=client.client_id, **values)


async def rotate_secret(tx: Tx, client_id: str, fingerprint: str, *, keep_previous: bool) -> bool:
    """False if there is no such client with a secret."""
    statement = ROTATE_SECRET if keep_previous else SET_ONLY_SECRET
    return await tx.one(statement, id=client_id, secret=fingerprint) is not None


async def disable(tx: Tx, client_id: str, now: int) -> bool:
    """True if it was enabled."""
    return await tx.one(DISABLE, id=client_id, now=now) is not None


async def enable(tx: Tx, client_id: str) -> bool:
    """True if it was disabled."""
    return await tx.one(ENABLE, id=client_id) is not None


def _columns(client: Client) -> Mapping[str, object]:
    values = {name: getattr(client, name) for name in CHANGEABLE}
    return values | {name: json.dumps(list(values[name])) for name in LISTS}


def _client(row: Row) -> Client:
    secrets = (row["secret_fingerprint"], row["previous_secret_fingerprint"])
    values = {name: row[name] for name in CHANGEABLE}
    values |= {name: tuple(json.loads(row[name])) for name in LISTS}
    return Client(
        client_id=row["client_id"],
        secret_fingerprints=tuple(secret for secret in secrets if secret),
        disabled=row["disabled_at"] is not None,
        **values,
    )
