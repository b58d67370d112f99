"""SQL for stages, brakes, and the old logins that close."""

from collections.abc import Iterable, Mapping

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    String,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
    update,
)

from kernel.db import Row, Tx
from kernel.json_rows import JsonRows, as_json
from kernel.upsert import upsert
from live_agent.db.tables import audit_events, move_brakes, move_stages, users
from live_agent.moves.stages import Brake, Stage, Standing

_s, _b, _u = move_stages.c, move_brakes.c, users.c
_account = bindparam("account_id", type_=Integer)
_user = bindparam("user_id", type_=String)
_now = bindparam("now", type_=BigInteger)
_chosen = JsonRows("chosen")
_stage = bindparam("stage", type_=String)
_closes_at = bindparam("closes_at", type_=BigInteger)

_new_stages = upsert(move_stages).from_select(
    ["user_id", "account_id", "stage", "closes_at", "changed_at", "reminders"],
    select(_u.id, _u.account_id, _stage, _closes_at, _now, literal_column("0")).where(
        _u.account_id == _account,
        _u.subject.is_(None),
        _u.id.in_(select(_chosen.text("id"))),
    ),
)
_SET = _new_stages.on_conflict_do_update(
    index_elements=[_s.user_id],
    set_={
        "stage": _new_stages.excluded.stage,
        "closes_at": _new_stages.excluded.closes_at,
        "changed_at": _new_stages.excluded.changed_at,
    },
).returning(_s.user_id)
_LIST = (
    select(move_stages, _u.password_closed_at)
    .join_from(users, move_stages, _s.user_id == _u.id, isouter=True)
    .where(_u.account_id == _account, or_(_s.user_id.is_not(None), _u.password_closed_at > 0))
    .add_columns(_u.id.label("of_user"))
)
_FIND = (
    select(move_stages, _u.password_closed_at)
    .join_from(users, move_stages, _s.user_id == _u.id, isouter=True)
    .where(_u.id == _user)
)
# An administrator who can already come by the platform: without one nothing closes.
_administrator = users.alias("administrator")


def _administrators_of(account: ColumnElement[int]) -> tuple[ColumnElement[bool], ...]:
    return (
        _administrator.c.account_id == account,
        _administrator.c.subject.is_not(None),
        _administrator.c.disabled_at.is_(None),
        _administrator.c.roles.contains("administrator"),
    )


def _is_paused(account: ColumnElement[int]) -> ColumnElement[bool]:
    return select(_b.account_id).where(_b.account_id == account, _b.paused_at > 0).exists()


_ADMINISTRATORS = _administrators_of(_account)
_HAS_ADMINISTRATOR = select(_administrator.c.id).where(*_ADMINISTRATORS).limit(1)
_LOCK_ADMINISTRATOR = _HAS_ADMINISTRATOR.with_for_update()
_CLOSE = (
    update(users)
    .where(
        _u.id == _user,
        _u.account_id == _account,
        _u.subject.is_(None),
        _u.password_closed_at.is_(None),
        select(_administrator.c.id).where(*_ADMINISTRATORS).exists(),
        ~_is_paused(_account),
        select(_s.user_id)
        .where(_s.user_id == _user, _s.stage == Stage.CLOSING.name, _s.closes_at <= _now)
        .exists(),
    )
    .values(password_closed_at=_now)
    .returning(_u.id)
)
_REOPEN = (
    update(users)
    .where(_u.id == _user, _u.account_id == _account, _u.password_closed_at.is_not(None))
    .values(password_closed_at=None)
    .returning(_u.id)
)
# Those who wait for their account are left out, or they would stand before everybody else's.
_DUE = (
    select(_s.user_id, _s.account_id)
    .join_from(move_stages, users, _u.id == _s.user_id)
    .where(
        _s.stage == Stage.CLOSING.name,
        _s.closes_at <= _now,
        _u.subject.is_(None),
        _u.password_closed_at.is_(None),
        select(_administrator.c.id).where(*_administrators_of(_s.account_id)).exists(),
        ~_is_paused(_s.account_id),
    )
    .order_by(_s.closes_at, _s.user_id)
    .limit(bindparam("most", type_=Integer))
)
_LED = (
    select(_s.account_id)
    .where(_s.stage != Stage.OBSERVE.name)
    .group_by(_s.account_id)
    .order_by(_s.account_id)
)
_since = bindparam("since", type_=BigInteger)
_lately = (audit_events.c.account_id == _account, audit_events.c.at > _since)
# People, not attempts, and only those who are to move: nobody else can pull the brake.
_FAILED = (
    select(func.count(_u.id.distinct()))
    .join_from(audit_events, users, _u.id == audit_events.c.user_id)
    .where(
        *_lately, audit_events.c.event == "login.refused",
        _u.account_id == _account, _u.subject.is_(None),
    )
)  # fmt: skip
_MOVED = select(func.count()).where(*_lately, audit_events.c.event == "user.moved")
_COUNT = select(
    _FAILED.scalar_subquery().label("failures"), _MOVED.scalar_subquery().label("moved")
)
_FIND_BRAKE = select(move_brakes).where(_b.account_id == _account)
_PAUSE = (
    upsert(move_brakes)
    .values(
        account_id=_account,
        paused_at=_now,
        by_itself=bindparam("by_itself", type_=Integer),
        failures=bindparam("failures", type_=Integer),
        moved=bindparam("moved", type_=Integer),
        resumed_at=0,
    )
    .on_conflict_do_update(
        index_elements=[_b.account_id],
        set_={
            "paused_at": _now,
            "by_itself": bindparam("by_itself", type_=Integer),
            "failures": bindparam("failures", type_=Integer),
            "moved": bindparam("moved", type_=Integer),
        },
        where=_b.paused_at.is_(None),
    )
    .returning(_b.account_id)
)
_RESUME = (
    update(move_brakes)
    .where(_b.account_id == _account, _b.paused_at.is_not(None))
    .values(paused_at=None, resumed_at=_now)
    .returning(_b.account_id)
)
_new_reminder = upsert(move_stages).values(
    user_id=_user,
    account_id=_account,
    stage=Stage.INVITE.name,
    closes_at=None,
    changed_at=_now,
    reminded_at=_now,
    reminders=1,
)
_NOTE_REMINDER = _new_reminder.on_conflict_do_update(
    index_elements=[_s.user_id],
    set_={
        "reminded_at": _now,
        "reminders": _s.reminders + 1,
        "stage": case((_s.stage == Stage.OBSERVE.name, Stage.INVITE.name), else_=_s.stage),
    },
    where=and_(
        or_(_s.reminded_at.is_(None), _s.reminded_at <= bindparam("before", type_=BigInteger)),
        _s.reminders < bindparam("most", type_=Integer),
    ),
).returning(_s.user_id)


async def set_stage(
    tx: Tx, account_id: int, user_ids: Iterable[str], stage: Stage, closes_at: int | None, now: int
) -> list[str]:
    """Of the unmoved among these users of the account; returns who they were."""
    chosen = as_json({"id": one} for one in user_ids)
    rows = await tx.all(
        _SET, account_id=account_id, chosen=chosen, stage=stage.name, closes_at=closes_at, now=now
    )
    return [row["user_id"] for row in rows]


async def list_standings(tx: Tx, account_id: int) -> Mapping[str, Standing]:
    rows = await tx.all(_LIST, account_id=account_id)
    return {row["of_user"]: _standing_of(row) for row in rows}


async def find_standing(tx: Tx, user_id: str) -> Standing | None:
    row = await tx.one(_FIND, user_id=user_id)
    return None if row is None else _standing_of(row)


async def has_administrator(tx: Tx, account_id: int) -> bool:
    return await tx.one(_HAS_ADMINISTRATOR, account_id=account_id) is not None


async def lock_administrator(tx: Tx, account_id: int) -> bool:
    """One of them stays what they are until the transaction ends."""
    return await tx.one(_LOCK_ADMINISTRATOR, account_id=account_id) is not None


async def close(tx: Tx, account_id: int, user_id: str, now: int) -> bool:
    """False unless all is as it must be in this very moment."""
    return await tx.one(_CLOSE, account_id=account_id, user_id=user_id, now=now) is not None


async def reopen(tx: Tx, account_id: int, user_id: str) -> bool:
    return await tx.one(_REOPEN, account_id=account_id, user_id=user_id) is not None


async def list_due(tx: Tx, now: int, most: int) -> list[tuple[int, str]]:
    rows = await tx.all(_DUE, now=now, most=most)
    return [(row["account_id"], row["user_id"]) for row in rows]


async def list_led_accounts(tx: Tx) -> list[int]:
    return [row["account_id"] for row in await tx.all(_LED)]


async def count_outcomes(tx: Tx, account_id: int, since: int) -> tuple[int, int]:
    """How many old users were refused at Cognigy.AI's door, and how many moved, since then."""
    row = await tx.one(_COUNT, account_id=account_id, since=since)
    assert row is not None  # two counts
    return int(row["failures"]), int(row["moved"])


async def find_brake(tx: Tx, account_id: int) -> tuple[Brake, int]:
    """And when it was released last."""
    row = await tx.one(_FIND_BRAKE, account_id=account_id)
    if row is None:
        return Brake(), 0
    brake = Brake(row["paused_at"], bool(row["by_itself"]), row["failures"], row["moved"])
    return brake, row["resumed_at"]


async def pause(tx: Tx, account_id: int, brake: Brake, now: int) -> bool:
    row = await tx.one(
        _PAUSE,
        account_id=account_id,
        by_itself=int(brake.by_itself),
        failures=brake.failures,
        moved=brake.moved,
        now=now,
    )
    return row is not None


async def resume(tx: Tx, account_id: int, now: int) -> bool:
    return await tx.one(_RESUME, account_id=account_id, now=now) is not None


async def note_reminder(
    tx: Tx, account_id: int, user_id: str, before: int, most: int, now: int
) -> bool:
    """False for somebody who was reminded since, or often enough."""
    row = await tx.one(
        _NOTE_REMINDER, account_id=account_id, user_id=user_id, before=before, most=most, now=now
    )
    return row is not None


def _standing_of(row: Row) -> Standing:
    return Standing(
        stage=Stage[row["stage"]] if row["stage"] else Stage.OBSERVE,
        closes_at=row["closes_at"],
        closed_at=row["password_closed_at"],
        reminded_at=row["reminded_at"],
        reminders=row["reminders"] or 0,
    )
