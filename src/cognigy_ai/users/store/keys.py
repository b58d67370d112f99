"""SQL for what people are found and sorted by."""

from collections.abc import Sequence

from sqlalchemy import Integer, String, bindparam, case, delete, func, select, text, update

from cognigy_ai.db.tables import STALE_KEYS, user_words, users
from cognigy_ai.users.rules import Keys
from kernel.db import Tx
from kernel.json_rows import JsonRows, as_json
from kernel.upsert import upsert

c, w = users.c, user_words.c
_people = JsonRows("people")
_words = JsonRows("words")

ADD_WORDS = (
    upsert(user_words)
    .from_select(
        ["organisation_id", "word", "user_id"],
        # Without a WHERE, SQLite takes the ON of ON CONFLICT for the one of a join.
        select(*map(_words.text, ("organisation_id", "word", "user_id"))).where(text("true")),
    )
    .on_conflict_do_nothing()
)
FORGET_WORDS = delete(user_words).where(w.user_id == bindparam("user", type_=String))
FORGET_WORDS_OF_MANY = delete(user_words).where(w.user_id.in_(select(_people.text("user_id"))))
STALE = (
    select(c.id, c.organisation_id, c.name, c.email)
    .where(text(STALE_KEYS))
    .order_by(c.id)
    .limit(bindparam("most", type_=Integer))
)
LOCK = (
    select(c.id, c.name, c.email)
    .where(c.id.in_(select(_people.text("user_id"))), text(f"({STALE_KEYS})"))
    .order_by(c.id)
    .with_for_update(skip_locked=True)  # SQLite has one writer and no such clause
)
_came = func.coalesce(c.last_login_at, 0)
REPAIR = (
    update(users)
    .where(c.id == _people.text("user_id"))
    .values(
        name_key=_people.text("name_key"),
        keyed_as=_people.text("keyed_as"),
        last_active_at=case((_came > c.last_active_at, _came), else_=c.last_active_at),
    )
)


async def add_words(tx: Tx, people: Sequence[Keys]) -> None:
    """What the search finds these by; they have no words yet."""
    rows = [
        {"organisation_id": one.organisation_id, "word": word, "user_id": one.user_id}
        for one in people
        for word in one.words
    ]
    await tx.one(ADD_WORDS, words=as_json(rows))


async def set_words(tx: Tx, keys: Keys) -> None:
    """What the search finds the person by, from now on."""
    await tx.one(FORGET_WORDS, user=keys.user_id)
    await add_words(tx, [keys])


async def list_stale(db: Tx, most: int) -> list[tuple[str, str, str, str]]:
    """Ids, organisations, names and addresses of some whose keys were made of others."""
    rows = await db.all(STALE, most=most)
    return [(row["id"], row["organisation_id"], row["name"], row["email"]) for row in rows]


async def replace(tx: Tx, people: Sequence[Keys]) -> int:
    """New keys and words; returns for how many.

    Not for somebody whose name or address is another one by now, or whom another process has
    put right or in hand.
    """
    rows = await tx.all(LOCK, people=_ids(people))
    present = {row["id"]: (row["name"], row["email"]) for row in rows}
    same = [one for one in people if present.get(one.user_id) == (one.name, one.email)]
    await tx.one(FORGET_WORDS_OF_MANY, people=_ids(same))
    await add_words(tx, same)
    keys = [
        {"user_id": one.user_id, "name_key": one.name_key, "keyed_as": one.keyed_as} for one in same
    ]
    await tx.one(REPAIR, people=as_json(keys))
    return len(same)


def _ids(people: Sequence[Keys]) -> str:
    return as_json({"user_id": one.user_id} for one in people)
