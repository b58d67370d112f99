"""SQL for registered clients. Lists are JSON text."""

import json
from collections.abc import Mapping

from sqlalchemy import BigInteger, String, bindparam, case, insert, select, update

from cognigy_ai.clients.rules import Client
from cognigy_ai.db.tables import client_secret_uses, clients
from kernel.db import Row, Tx
from kernel.upsert import upsert

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

u = client_secret_uses.c
_new_use = upsert(client_secret_uses).values(
    client_id=_id,
    secret=_secret,
    uses=bindparam("uses", type_=BigInteger),
    last_used_at=_now,
)
ADD_USES = _new_use.on_conflict_do_update(
    index_elements=[u.client_id, u.secret],
    set_={
        "uses": u.uses + _new_use.excluded.uses,
        "last_used_at": case(
            (u.last_used_at > _new_use.excluded.last_used_at, u.last_used_at),
            else_=_new_use.excluded.last_used_at,
        ),
    },
)
FIND_USES = select(client_secret_uses).where(u.client_id == _id)


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


async def add_uses(db: Tx, client_id: str, secret: str, uses: int, last: int) -> None:
    """So many more uses of a secret, the last one then."""
    await db.one(ADD_USES, id=client_id, secret=secret, uses=uses, now=last)


async def find_uses(db: Tx, client_id: str) -> dict[str, tuple[int, int]]:
    """Uses and the last one, by secret."""
    rows = await db.all(FIND_USES, id=client_id)
    return {row["secret"]: (row["uses"], row["last_used_at"]) for row in rows}


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
