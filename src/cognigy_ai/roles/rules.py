"""The global roles, what each is for, and the one permission table of the platform.

Routes name the permission that they need (`guards.may`), and docs/reference/permissions.md is made
from this table. Live Agent's own rights are decided there, from the roles in the ID token.
"""

from collections.abc import Iterable
from enum import Enum, unique

from kernel.languages import n_

ADMIN = "admin"
USER_MANAGER = "userManager"
BASE_ROLE = "base_role"
LIVE_AGENT_ROLES = ("admin", "liveAgentAdmin", "liveAgentSupervisor", "liveAgentAgent")

ROLES = {
    BASE_ROLE: n_("Everybody has it; it gives no access to Live Agent."),
    ADMIN: n_("Administrator of the organisation; Administrator in Live Agent too."),
    "liveAgentAdmin": n_("Administrator in Live Agent."),
    "liveAgentSupervisor": n_("Supervisor in Live Agent."),
    "liveAgentAgent": n_("Agent in Live Agent."),
    "apiKeys": n_("May make API keys."),
    "basicSupportUser": n_("May look at projects for support."),
    "fullSupportUser": n_("May look at everything for support."),
    "odata": n_("May read the OData interface."),
    "opsCenterUser": n_("May use the Ops Center."),
    "projectAssigner": n_("May assign people to projects."),
    "projectManager": n_("May make projects."),
    "userDetailsViewer": n_("May look at users."),
    "userManager": n_("May make and change users."),
    "voiceGatewayUser": n_("May use the Voice Gateway."),
}


@unique
class Permission(Enum):
    """What somebody may do, beside what everybody may do with their own account."""

    USERS_READ = "Look at people, their roles and their sessions"
    USERS_WRITE = "Create, edit, disable and delete people, invite and import them"
    ROLES_GIVE = "Give and take global roles that allow no more than one's own (not `admin`)"
    ADMINS_WRITE = "Give and take `admin`, and change people who have it"
    ORGANISATION_READ = "Look at the organisation and its products"
    ORGANISATION_WRITE = "Set up Live Agent; password policy and two-step login"
    AUDIT_READ = "Read the audit events of the organisation"
    API_KEYS_OWN = "Make API keys with one's own rights"
    API_KEYS_ALL = "See and revoke the API keys of everybody"
    DESK_PEOPLE = "Read whom Live Agent would let in, and propose people (its client, and no role)"


_P = Permission
OF_LIVE_AGENT = frozenset({_P.DESK_PEOPLE})  # what no person may, whatever their roles
PERMISSIONS_OF_ROLE: dict[str, frozenset[Permission]] = {
    ADMIN: frozenset(Permission) - OF_LIVE_AGENT,
    USER_MANAGER: frozenset({_P.USERS_READ, _P.USERS_WRITE, _P.ROLES_GIVE}),
    "userDetailsViewer": frozenset({_P.USERS_READ}),
    "fullSupportUser": frozenset({_P.USERS_READ, _P.ORGANISATION_READ, _P.AUDIT_READ}),
    "apiKeys": frozenset({_P.API_KEYS_OWN}),
}


def permissions_of(roles: Iterable[str]) -> frozenset[Permission]:
    """The union of what each role allows."""
    return frozenset[Permission]().union(*(PERMISSIONS_OF_ROLE.get(r, frozenset()) for r in roles))


def may(roles: Iterable[str], permission: Permission) -> bool:
    """Does one of the roles allow it?"""
    return permission in permissions_of(roles)


def may_change(theirs: Iterable[str], of: Iterable[str]) -> bool:
    """May somebody with `theirs` change a person who has the roles `of`? Admins: admins only."""
    needed = Permission.ADMINS_WRITE if ADMIN in of else Permission.USERS_WRITE
    return may(theirs, needed)


def may_give(theirs: Iterable[str], role: str) -> bool:
    """May somebody with `theirs` give and take the role? None that allows more than their own."""
    mine = permissions_of(theirs)
    needed = Permission.ADMINS_WRITE if role == ADMIN else Permission.ROLES_GIVE
    return needed in mine and permissions_of((role,)) <= mine


def unknown_role(roles: tuple[str, ...]) -> str | None:
    """The first name that is no role, or None."""
    return next((role for role in roles if role not in ROLES), None)


def with_base_role(roles: tuple[str, ...]) -> tuple[str, ...]:
    """Each role once, in alphabetical order, and the one that everybody has."""
    return tuple(sorted({BASE_ROLE, *roles}))
