"""Which doors are open to somebody, and why the others are closed: pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum, unique

from live_agent.accounts.rules import Account
from live_agent.agents.rules import User


@unique
class Door(StrEnum):
    """A way in, in the order of the pages."""

    PLATFORM = "cognigy"
    OLD_LOGIN = "old_login"
    RESET = "reset"
    CONFIRMATION = "confirmation"
    INVITATION = "invitation"
    PENDING_LINK = "pending_link"
    API_TOKEN = "api_token"  # noqa: S105 - the name of a door
    SESSION = "session"
    LIVE_CONNECTION = "live_connection"
    BREAK_GLASS = "break_glass"


LINKS = (Door.RESET, Door.CONFIRMATION, Door.INVITATION)


@unique
class Why(StrEnum):
    """The proof: what keeps a door open, or has closed it."""

    OWNED = "owned"  # a platform identity owns the user
    MOVES = "moves"  # the first login by the platform takes the user over
    PASSWORD = "password"  # noqa: S105 - a word
    WAITING = "waiting"  # so many are out
    WITH_SESSION = "with_session"  # begins and ends with it
    DISABLED = "disabled"
    SUSPENDED = "suspended"
    NO_ORGANISATION = "no_organisation"
    SWITCHED_OFF = "switched_off"
    LINKING_OFF = "linking_off"
    NO_ROLE = "no_role"
    MOVED = "moved"
    NEVER = "never"  # there never was one
    NO_PASSWORD = "no_password"  # noqa: S105 - a word
    NOT_CONFIRMED = "not_confirmed"
    ENDED = "ended"  # the last one was used, ended or made void


@dataclass(frozen=True, slots=True)
class Count:
    """What the database holds of one kind: how many are open, until when, when the last ended."""

    open: int = 0
    until: int | None = None
    ended_at: int | None = None


NOTHING = Count()


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is known of one user's doors."""

    user: User
    disabled_at: int | None
    counts: Mapping[Door, Count] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DoorState:
    """One door of one user."""

    door: Door
    open: bool
    why: Why
    number: int = 0
    at: int | None = None  # since when
    until: int | None = None


def doors_of(facts: Facts, account: Account) -> list[DoorState]:
    """All doors, in order."""
    return [_state(door, facts, account) for door in Door]


def _state(door: Door, facts: Facts, account: Account) -> DoorState:
    blocked = _blocked(door, facts, account)
    if blocked is not None:
        return blocked
    if door is Door.PLATFORM:
        return _platform(facts.user, account)
    if door is Door.OLD_LOGIN:
        return _old_login(facts.user)
    return _counted(door, facts)


def _blocked(door: Door, facts: Facts, account: Account) -> DoorState | None:
    """What closes every door at once."""
    if facts.user.disabled:
        return DoorState(door, open=False, why=Why.DISABLED, at=facts.disabled_at)
    if account.suspended:
        return DoorState(door, open=False, why=Why.SUSPENDED, at=account.suspended_at)
    return None


def _platform(user: User, account: Account) -> DoorState:
    door = Door.PLATFORM
    if account.organisation_id is None:
        return DoorState(door, open=False, why=Why.NO_ORGANISATION)
    if not account.oauth_login:
        return DoorState(door, open=False, why=Why.SWITCHED_OFF)
    if user.linked:
        if not user.roles:
            return DoorState(door, open=False, why=Why.NO_ROLE)
        return DoorState(door, open=True, why=Why.OWNED, at=user.moved_at or user.created_at)
    if not account.linking:
        return DoorState(door, open=False, why=Why.LINKING_OFF)
    return DoorState(door, open=True, why=Why.MOVES)


def _old_login(user: User) -> DoorState:
    door = Door.OLD_LOGIN
    if user.linked and user.moved_at is None:
        return DoorState(door, open=False, why=Why.NEVER, at=user.created_at)
    if user.linked:
        return DoorState(door, open=False, why=Why.MOVED, at=user.moved_at)
    if not user.has_password:
        return DoorState(door, open=False, why=Why.NO_PASSWORD)
    if not user.confirmed:
        return DoorState(door, open=False, why=Why.NOT_CONFIRMED)
    return DoorState(door, open=True, why=Why.PASSWORD)


def _counted(door: Door, facts: Facts) -> DoorState:
    user = facts.user
    # A live connection lives as long as its session, and hears of its end within a second.
    kind = Door.SESSION if door is Door.LIVE_CONNECTION else door
    count = facts.counts.get(kind, NOTHING)
    shut = (door in LINKS and user.linked) or (door is Door.SESSION and not user.roles)
    if count.open and not shut:
        why = Why.WITH_SESSION if door is Door.LIVE_CONNECTION else Why.WAITING
        return DoorState(door, open=True, why=why, number=count.open, until=count.until)
    if door in LINKS and user.moved_at is not None:
        return DoorState(door, open=False, why=Why.MOVED, at=user.moved_at)
    if count.ended_at is not None:
        return DoorState(door, open=False, why=Why.ENDED, at=count.ended_at)
    return DoorState(door, open=False, why=Why.NEVER)
