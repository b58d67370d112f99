"""What a login brings, what it needs and what becomes of it."""

from dataclasses import dataclass
from typing import Protocol

from kernel.courier import Courier
from kernel.db import Database
from kernel.emails import is_address
from kernel.keyring import KeyRing
from kernel.outbox import Outbox
from kernel.throttle import Locks
from live_agent.agents.actions import Identity
from live_agent.migration.rules import PlatformLogin
from live_agent.settings import Settings


class Tools(Protocol):
    """What of the application's state is needed here."""

    @property
    def settings(self) -> Settings: ...
    @property
    def database(self) -> Database: ...
    @property
    def keyring(self) -> KeyRing: ...
    @property
    def locks(self) -> Locks: ...
    @property
    def outbox(self) -> Outbox: ...
    @property
    def courier(self) -> Courier: ...


@dataclass(frozen=True, slots=True)
class Entered:
    """Signed in; the cookie gets the secret."""

    session_secret: str
    account_id: int
    user_id: str
    moved: bool


@dataclass(frozen=True, slots=True)
class LinkNeeded:
    """The old user has to be proved first; the cookie `pending` gets the secret."""

    pending_secret: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """One login as it came in."""

    login: PlatformLogin
    reference: str
    target: str | None
    user_agent: str
    old_session_secret: str | None
    now: int
    proved_user_id: str | None = None
    proved_by_mail: bool = False


class Overtaken(Exception):  # noqa: N818 - what happened
    """Somebody else changed the row in between: everything is decided again."""


def address_of(login: PlatformLogin) -> str | None:
    """The address, if it is one."""
    return login.email if login.email and is_address(login.email) else None


def identity_of(login: PlatformLogin) -> Identity:
    """What is written into the user's row."""
    return Identity(
        issuer=login.issuer,
        subject=login.subject,
        email=address_of(login),
        name=login.name,
        locale=login.locale,
        roles=login.roles,
        access_revision=login.access_revision,
    )
