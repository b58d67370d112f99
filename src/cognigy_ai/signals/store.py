"""SQL for signals: leased, settled, listed. Who writes them is `db.signals`."""

from sqlalchemy import (
    BigInteger,
    Integer,
    String,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)

from cognigy_ai.db.joined_roles import roles_of_user
from cognigy_ai.db.signals import LIVE_AGENT as LIVE_AGENT
from cognigy_ai.db.signals import WAITING as WAITING
from cognigy_ai.db.tables import signals, users
from cognigy_ai.signals.rules import Kind, Person, Signal, State
from cognigy_ai.users.rules import parse_roles
from kernel.db import Row, Tx

c = signals.c
_now = bindparam("now", type_=BigInteger)
_most = bindparam("most", type_=Integer)
_receiver = bindparam("receiver", type_=String)
_waits = c.state == literal_column("'waiting'")  # in these words, or the index is not used
_is_due = and_(_waits, c.next_attempt_at <= _now, c.leased_until <= _now)
_earlier = signals.alias("earlier")
_is_first = ~exists(
    select(_earlier.c.position).where(
        _earlier.c.state == literal_column("'waiting'"),
        _earlier.c.receiver == c.receiver,
        _earlier.c.subject == c.subject,
        _earlier.c.position < c.position,
    )
)

DUE_RECEIVERS = select(c.receiver).distinct().where(_is_due)
_due = (
    select(c.position)
    .where(_is_due, c.receiver == _receiver, _is_first)
    .order_by(c.next_attempt_at, c.position)
    .limit(_most)
    .with_for_update(skip_locked=True, of=signals)  # SQLite has one writer and no such clause
    .cte("due")  # evaluated once: a subquery in WHERE may run again and take more
)
LEASE = (
    update(signals)
    .where(c.position.in_(select(_due.c.position)))
    .values(leased_until=bindparam("until", type_=BigInteger), attempts=c.attempts + 1)
    .returning(signals)
)
_id = bindparam("id", type_=String)
_words = bindparam("words", type_=String)
SETTLE = (
    update(signals)
    .where(c.id == _id, _waits)
    .values(
        state=bindparam("new_state", type_=String),
        settled_at=_now,
        leased_until=0,
        last_error=_words,
    )
)
POSTPONE = (
    update(signals)
    .where(c.id == _id, _waits)
    .values(leased_until=0, next_attempt_at=_now + bindparam("pause"), last_error=_words)
)
FIND_PERSON = select(
    users.c.name,
    users.c.email,
    users.c.email_verified,
    users.c.access_revision,
    roles_of_user().label("roles"),
).where(users.c.id == bindparam("user", type_=String))

_user = bindparam("user", type_=String)
_organisation = bindparam("organisation", type_=String)
_state = bindparam("wanted", type_=String)
_chosen = (
    or_(_state == "", c.state == _state),
    or_(_user == "", c.user_id == _user),
    or_(_organisation == "", c.organisation_id == _organisation),
    or_(_id == "", c.id == _id),
)
LIST = select(signals).where(*_chosen).order_by(c.position.desc()).limit(_most)
_is_failing = and_(_waits, c.last_error.is_not(None))
SUMMARY = (
    select(
        c.receiver,
        func.max(case((c.state == "delivered", c.settled_at))).label("delivered_at"),
        func.sum(case((_waits, 1), else_=0)).label("waiting"),
        func.min(case((_waits, c.changed_at))).label("waiting_since"),
        func.min(case((_is_failing, c.changed_at))).label("failing_since"),
        func.sum(case((c.state == "refused", 1), else_=0)).label("refused"),
    )
    .where(or_(_organisation == "", c.organisation_id == _organisation))
    .group_by(c.receiver)
    .order_by(c.receiver)
)
_refused_after = bindparam("refused_after", type_=BigInteger)
BACKLOG = (
    select(
        func.count().label("waiting"),
        func.min(c.changed_at).label("since"),
        select(func.count())
        .where(c.state == literal_column("'refused'"), c.settled_at > _refused_after)
        .scalar_subquery()
        .label("refused"),
    )
    .select_from(signals)
    .where(_waits)
)
FAILING = (
    select(c.id)
    .where(
        _is_failing,
        c.organisation_id == _organisation,
        c.receiver == literal_column(f"'{LIVE_AGENT}'"),
    )
    .limit(literal_column("1"))
)
LAST_ERROR = (
    select(c.last_error)
    .where(
        c.receiver == _receiver,
        c.last_error.is_not(None),
        or_(_organisation == "", c.organisation_id == _organisation),
        or_(_waits, c.state == "refused"),
    )
    .order_by(_waits.desc(), c.position.desc())
    .limit(literal_column("1"))
)
# Under a new id: whoever applied the first one would take the same for a repetition.
_AGAIN = (
    "receiver", "kind", "subject", "user_id", "organisation_id", "session_id", "access_revision",
    "changed_at", "changed_at_ms",
)  # fmt: skip
REPEAT = (
    insert(signals)
    .from_select(
        ["id", *_AGAIN, "state", "attempts", "next_attempt_at", "leased_until"],
        select(
            bindparam("new_id", type_=String),
            *(c[name] for name in _AGAIN),
            literal_column("'waiting'"),
            literal_column("0"),
            _now,
            literal_column("0"),
        ).where(c.id == _id, ~_waits),
    )
    .returning(c.id, c.user_id, c.organisation_id)
)
HURRY = (
    update(signals)
    .where(c.id == _id, _waits)
    .values(next_attempt_at=_now)
    .returning(c.id, c.user_id, c.organisation_id)
)
GIVE_UP = (
    update(signals)
    .where(_waits, c.changed_at <= bindparam("before", type_=BigInteger))
    .values(state="refused", settled_at=_now, leased_until=0)
    .returning(c.id, c.receiver)
)
PRUNE = delete(signals).where(c.settled_at <= bindparam("before", type_=BigInteger)).returning(c.id)


async def list_due_receivers(db: Tx, now: int) -> list[str]:
    return [row["receiver"] for row in await db.all(DUE_RECEIVERS, now=now)]


async def lease(db: Tx, receiver: str, most: int, seconds: int, now: int) -> list[Signal]:
    """What that receiver is to hear now, of each person the first; nobody else gets it till then.

    One statement. On PostgreSQL rows that another process is taking are skipped.
    """
    rows = await db.all(LEASE, receiver=receiver, most=most, now=now, until=now + seconds)
    return [signal_of(row) for row in sorted(rows, key=lambda row: int(row["position"]))]


async def settle(db: Tx, signal_id: str, state: State, words: str | None, now: int) -> None:
    await db.one(SETTLE, id=signal_id, new_state=state.value, words=words, now=now)


async def postpone(db: Tx, signal_id: str, pause: int, words: str | None, now: int) -> None:
    await db.one(POSTPONE, id=signal_id, pause=pause, words=words, now=now)


async def find_person(db: Tx, user_id: str) -> Person | None:
    row = await db.one(FIND_PERSON, user=user_id)
    if row is None:
        return None
    return Person(
        name=row["name"],
        email=row["email"],
        email_verified=bool(row["email_verified"]),
        roles=parse_roles(row["roles"]),
        access_revision=row["access_revision"],
    )


async def list_signals(db: Tx, chosen: dict[str, str], most: int) -> list[Signal]:
    """The newest first; an empty choice is no choice."""
    return [signal_of(row) for row in await db.all(LIST, **chosen, most=most)]


async def summarise(db: Tx, organisation_id: str) -> list[Row]:
    return await db.all(SUMMARY, organisation=organisation_id)


async def count_backlog(db: Tx, refused_after: int) -> Row:
    row = await db.one(BACKLOG, refused_after=refused_after)
    assert row is not None
    return row


async def is_failing(db: Tx, organisation_id: str) -> bool:
    return await db.one(FAILING, organisation=organisation_id) is not None


async def find_last_error(db: Tx, receiver: str, organisation_id: str) -> str | None:
    row = await db.one(LAST_ERROR, receiver=receiver, organisation=organisation_id)
    return None if row is None else row["last_error"]


async def repeat(tx: Tx, signal_id: str, new_id: str, now: int) -> Row | None:
    """One that waits is due now; of another one there is a new one. None: no such signal."""
    row = await tx.one(HURRY, id=signal_id, now=now)
    return row or await tx.one(REPEAT, id=signal_id, new_id=new_id, now=now)


async def give_up(db: Tx, before: int, now: int) -> list[Row]:
    return await db.all(GIVE_UP, before=before, now=now)


async def prune(db: Tx, before: int) -> int:
    return len(await db.all(PRUNE, before=before))


def signal_of(row: Row) -> Signal:
    return Signal(
        id=row["id"],
        receiver=row["receiver"],
        kind=Kind(row["kind"]),
        user_id=row["user_id"],
        organisation_id=row["organisation_id"],
        session_id=row["session_id"],
        access_revision=row["access_revision"],
        changed_at=row["changed_at"],
        changed_at_ms=row["changed_at_ms"],
        state=State(row["state"]),
        attempts=row["attempts"],
        next_attempt_at=row["next_attempt_at"],
        settled_at=row["settled_at"],
        last_error=row["last_error"],
    )
