"""Who a user is, and what the roles allow."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, unique
from typing import Any

from kernel.languages import n_

ADMINISTRATOR, SUPERVISOR, AGENT = "administrator", "supervisor", "agent"
ROLES = (ADMINISTRATOR, SUPERVISOR, AGENT)  # in the order in which pages name them
ROLE_NAMES = {
    ADMINISTRATOR: n_("Administrator"),
    SUPERVISOR: n_("Supervisor"),
    AGENT: n_("Agent"),
}
PRESENCES = ("online", "busy", "away", "offline")

_ALL = frozenset(ROLES)
_LEADING = frozenset((SUPERVISOR, ADMINISTRATOR))
_ADMINISTRATORS = frozenset((ADMINISTRATOR,))
_SUPERVISORS = frozenset((SUPERVISOR,))


@unique
class Area(Enum):
    """Where rights belong together, in the order of the pages."""

    CONVERSATIONS = n_("Conversations")
    INBOXES = n_("Inboxes")
    TEAMS = n_("Teams")
    LABELS = n_("Labels and skills")
    REPORTS = n_("Reports")
    ADMINISTRATION = n_("Administration")


@dataclass(frozen=True, slots=True)
class RightSpec:
    """One row of the permission table."""

    area: Area
    text: str
    roles: frozenset[str]


@unique
class Right(Enum):
    """What a role may allow; rights of several roles add up."""

    CONVERSATIONS_HANDLE = RightSpec(
        Area.CONVERSATIONS, n_("Resolve, mute, prioritise and search conversations"), _ALL
    )
    CONVERSATIONS_ASSIGN = RightSpec(
        Area.CONVERSATIONS, n_("Assign conversations to agents and teams"), _ALL
    )
    CONVERSATIONS_MOVE = RightSpec(
        Area.CONVERSATIONS, n_("Move conversations to another inbox"), _ALL
    )
    CONVERSATIONS_CLEAR = RightSpec(
        Area.CONVERSATIONS, n_("Clear the history of a conversation"), _LEADING
    )
    CONTACTS_EDIT = RightSpec(Area.CONVERSATIONS, n_("Edit the profiles of contacts"), _LEADING)
    ATTACHMENTS_SEND = RightSpec(Area.CONVERSATIONS, n_("Send and request attachments"), _ALL)
    ATTACHMENTS_MANAGE = RightSpec(
        Area.CONVERSATIONS, n_("View, download and delete all attachments"), _ADMINISTRATORS
    )
    CANNED_RESPONSES_MANAGE = RightSpec(
        Area.CONVERSATIONS, n_("Create and edit canned responses"), _LEADING
    )
    CANNED_RESPONSES_PERSONAL = RightSpec(
        Area.CONVERSATIONS, n_("Create and edit your own canned responses"), _ALL
    )
    ASSISTANTS_USE = RightSpec(
        Area.CONVERSATIONS, n_("Use the copilot workspace and reset its session"), _ALL
    )
    INBOXES_MANAGE = RightSpec(
        Area.INBOXES,
        n_("Create, edit and delete inboxes, and choose their agents"),
        _ADMINISTRATORS,
    )
    COPILOTS_MANAGE = RightSpec(
        Area.INBOXES, n_("Create, edit and delete copilot bots"), _ADMINISTRATORS
    )
    TEAMS_MANAGE = RightSpec(Area.TEAMS, n_("Create, edit and delete teams"), _ADMINISTRATORS)
    LABELS_USE = RightSpec(Area.LABELS, n_("Add labels to conversations"), _ALL)
    LABELS_MANAGE = RightSpec(Area.LABELS, n_("Create, edit and delete labels"), _LEADING)
    SKILLS_MANAGE = RightSpec(Area.LABELS, n_("Create, edit and delete skills"), _LEADING)
    SKILLS_GIVE = RightSpec(Area.LABELS, n_("Give skills to agents"), _ADMINISTRATORS)
    REPORTS_OVERVIEW = RightSpec(Area.REPORTS, n_("See the overview report"), _SUPERVISORS)
    REPORTS_READ = RightSpec(
        Area.REPORTS, n_("See and download inbox, agent, label and team reports"), _LEADING
    )
    AGENTS_MANAGE = RightSpec(
        Area.ADMINISTRATION, n_("Decide who works here (in Cognigy.AI)"), _ADMINISTRATORS
    )
    AUTOMATION_MANAGE = RightSpec(
        Area.ADMINISTRATION, n_("Create, edit and switch automation rules"), _ADMINISTRATORS
    )
    AUDIT_READ = RightSpec(Area.ADMINISTRATION, n_("Read the audit log"), _ADMINISTRATORS)
    ACCOUNT_SETTINGS = RightSpec(
        Area.ADMINISTRATION, n_("Change the settings of the account"), _ADMINISTRATORS
    )
    PROFILE_SETTINGS = RightSpec(Area.ADMINISTRATION, n_("Change your own settings"), _ALL)

    @property
    def spec(self) -> RightSpec:
        return self.value


def rights_of(roles: Iterable[str]) -> frozenset[Right]:
    """The union of what each role allows; no role, or an unknown one, allows nothing."""
    held = frozenset(roles)
    return frozenset(right for right in Right if right.spec.roles & held)


def roles_giving(right: Right, roles: Iterable[str]) -> tuple[str, ...]:
    """Which of somebody's roles allow it."""
    held = frozenset(roles)
    return tuple(role for role in ROLES if role in held and role in right.spec.roles)


@dataclass(frozen=True, slots=True)
class User:
    """A person's row; it belongs to one account."""

    id: str
    account_id: int
    issuer: str | None
    subject: str | None
    email: str
    email_key: str
    name: str
    locale: str
    roles: tuple[str, ...]
    presence: str
    confirmed: bool  # the old user's address was confirmed by a mailed link, or by the operator
    has_password: bool
    old_login_closed: bool  # before any move: the password opens nothing any more
    access_revision: int
    created_at: int
    moved_at: int | None
    last_login_at: int | None
    last_login_method: str | None
    disabled: bool

    @property
    def linked(self) -> bool:
        """Does a platform identity own this user?"""
        return self.subject is not None


def user_from(row: Mapping[str, Any]) -> User:
    """A user from its row; the digest stays behind."""
    return User(
        id=row["id"],
        account_id=row["account_id"],
        issuer=row["issuer"],
        subject=row["subject"],
        email=row["email"],
        email_key=row["email_key"],
        name=row["name"],
        locale=row["locale"],
        roles=tuple(row["roles"].split()),
        presence=row["presence"],
        confirmed=row["confirmed_at"] is not None,
        has_password=bool(row["has_password"]),
        old_login_closed=row["password_closed_at"] is not None,
        access_revision=row["access_revision"],
        created_at=row["created_at"],
        moved_at=row["moved_at"],
        last_login_at=row["last_login_at"],
        last_login_method=row["last_login_method"],
        disabled=row["disabled_at"] is not None,
    )


def joined(roles: Iterable[str]) -> str:
    """How the roles stand in the row: known ones, sorted, separated by spaces."""
    return " ".join(sorted(set(roles) & _ALL))
