"""Noting what receivers are told: beside the statements that end or change access.

Called by `db.endings` and where grants are revoked, within the transaction of the change, so that
no path can forget it.
A row holds ids and numbers; names and roles are read when it is sent.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    String,
    and_,
    bindparam,
    case,
    func,
    insert,
    literal_column,
    or_,
    select,
)

from cognigy_ai.db.tables import clients, grants, signals, users
from kernel.db import Tx
from kernel.db_clock import Milliseconds
from kernel.opaque import new_id

WAITING = "signals.waiting"  # the topic: senders look
LIVE_AGENT = "@live-agent"  # no client can be registered under this name

SESSION_REVOKED = "session_revoked"
CLAIMS_CHANGED = "claims_changed"
CREDENTIAL_CHANGED = "credential_changed"
ACCOUNT_DISABLED = "account_disabled"
ACCOUNT_ENABLED = "account_enabled"
ACCOUNT_PURGED = "account_purged"
LOGOUT = "logout"  # OpenID Connect Back-Channel Logout

_COLUMNS = (
    "id",
    "receiver",
    "kind",
    "subject",
    "user_id",
    "organisation_id",
    "session_id",
    "access_revision",
    "changed_at",
    "changed_at_ms",
    "state",
    "attempts",
    "next_attempt_at",
    "leased_until",
)
_g, _u, _k = grants.c, users.c, clients.c
_event = bindparam("event", type_=String)
_kind = bindparam("kind", type_=String)
_now = bindparam("now", type_=BigInteger)
_user = bindparam("user", type_=String)
_organisation = bindparam("organisation", type_=String)


def _word(value: str) -> ColumnElement[str]:
    return literal_column(f"'{value}'", String)


_ZERO: ColumnElement[int] = literal_column("0", BigInteger)
_BY_NOW = (_now, Milliseconds(), _word("waiting"), _ZERO, _now, _ZERO)
_NO_TEXT: Any = literal_column("NULL", String)
_NO_NUMBER: Any = literal_column("NULL", BigInteger)

NOTE_USER = insert(signals).from_select(
    _COLUMNS,
    select(
        _event,
        _word(LIVE_AGENT),
        _kind,
        _u.id,
        _u.id,
        _u.organisation_id,
        _NO_TEXT,
        _u.access_revision + bindparam("ahead", type_=BigInteger),
        *_BY_NOW,
    ).where(_u.id == _user),
)
NOTE_ORGANISATION = insert(signals).from_select(
    _COLUMNS,
    select(
        _event,
        _word(LIVE_AGENT),
        _kind,
        _organisation,
        _NO_TEXT,
        _organisation,
        _NO_TEXT,
        _NO_NUMBER,
        *_BY_NOW,
    ),
)
_BACKCHANNEL = and_(_k.backchannel_logout_uri.is_not(None), _k.disabled_at.is_(None))
_WITH_LIVE_AGENT = or_(_k.client_id.is_(None), _BACKCHANNEL)  # which stands in no table


def _note_sessions(whom: ColumnElement[bool], *which: ColumnElement[bool]) -> Any:
    """One row for each session and client among the living grants."""
    held = (
        select(
            _g.session_id,
            _g.user_id,
            _u.organisation_id,
            _u.access_revision,
            _k.client_id,
        )
        .distinct()
        .select_from(
            grants.join(users, _u.id == _g.user_id).outerjoin(clients, _k.client_id == _g.client_id)
        )
        .where(_g.revoked_at.is_(None), _g.session_id.is_not(None), whom, *which)
        .subquery("held")
    )
    h = held.c
    return insert(signals).from_select(
        _COLUMNS,
        select(
            _event + _word(".") + h.session_id + _word(".") + func.coalesce(h.client_id, _word("")),
            func.coalesce(h.client_id, _word(LIVE_AGENT)),
            case((h.client_id.is_(None), _word(SESSION_REVOKED)), else_=_word(LOGOUT)),
            h.user_id,
            h.user_id,
            h.organisation_id,
            h.session_id,
            h.access_revision,
            *_BY_NOW,
        ),
    )


Noting = Any  # a statement of this module


def noting(*which: ColumnElement[bool]) -> Noting:
    """Tells Live Agent and every client with a back-channel of the sessions of these grants."""
    return _note_sessions(_WITH_LIVE_AGENT, *which)


def noting_logouts(*which: ColumnElement[bool]) -> Noting:
    """The same without Live Agent, which is told of the person or the organisation at once."""
    return _note_sessions(_BACKCHANNEL, *which)


LOGOUTS_OF_USER = noting_logouts(_g.user_id == _user)
LOGOUTS_OF_ORGANISATION = noting_logouts(_u.organisation_id == _organisation)


async def note_user(tx: Tx, user_id: str, kind: str, now: int, *, ahead: int = 0) -> None:
    """Something is true of the whole person. `ahead`: the revision that they will never reach."""
    await tx.one(NOTE_USER, event=_new(), kind=kind, user=user_id, ahead=ahead, now=now)
    tx.tell(WAITING)


async def note_end_of_user(tx: Tx, user_id: str, kind: str, now: int, *, ahead: int = 0) -> None:
    """The person's access ends everywhere."""
    await tx.one(LOGOUTS_OF_USER, event=_new(), user=user_id, now=now)
    await note_user(tx, user_id, kind, now, ahead=ahead)


async def note_organisation(tx: Tx, organisation_id: str, kind: str, now: int) -> None:
    """Something is true of everybody there."""
    await tx.one(NOTE_ORGANISATION, event=_new(), kind=kind, organisation=organisation_id, now=now)
    tx.tell(WAITING)


async def note_end_of_organisation(tx: Tx, organisation_id: str, kind: str, now: int) -> None:
    """Everybody's access there ends."""
    await tx.one(LOGOUTS_OF_ORGANISATION, event=_new(), organisation=organisation_id, now=now)
    await note_organisation(tx, organisation_id, kind, now)


async def note_sessions(tx: Tx, statement: Noting, now: int, **values: object) -> None:
    """Sessions end, and not the person's access as such."""
    await tx.one(statement, event=_new(), now=now, **values)
    tx.tell(WAITING)


def _new() -> str:
    return new_id("ev_")
