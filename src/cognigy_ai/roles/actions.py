"""Giving and taking roles. Called by `users`, which raises the person's revision with it."""

from cognigy_ai.problems import Problem
from cognigy_ai.roles import rules, store
from kernel.db import Tx
from kernel.problems import ProblemError

ROLES = rules.ROLES


def check_known(roles: tuple[str, ...]) -> tuple[str, ...]:
    """Each role once, with the one that everybody has; raises ROLE_UNKNOWN."""
    unknown = rules.unknown_role(roles)
    if unknown is not None:
        names = ", ".join(rules.ROLES)
        raise ProblemError(Problem.ROLE_UNKNOWN, role=unknown, roles=names)
    return rules.with_base_role(roles)


async def give(tx: Tx, user_id: str, role: str) -> bool:
    """False if the user has it already; raises ROLE_UNKNOWN."""
    check_known((role,))
    return await store.give(tx, user_id, role)


async def take(tx: Tx, user_id: str, role: str) -> bool:
    """False if the user does not have it; raises LAST_ADMINISTRATOR."""
    if await store.take(tx, user_id, role):
        return True
    if role == rules.ADMIN and role in await store.list_roles(tx, user_id):
        raise ProblemError(Problem.LAST_ADMINISTRATOR, user_id=user_id)
    return False


async def replace(tx: Tx, user_id: str, roles: tuple[str, ...]) -> bool:
    """Make the roles exactly these; False if they were. Raises as the two above.

    The administrator's role goes first: its statement locks rows of others, and all who do that
    have to take locks in the same order.
    """
    wanted = set(check_known(roles))
    have = set(await store.list_roles(tx, user_id))
    for role in sorted(have - wanted, key=lambda role: (role != rules.ADMIN, role)):
        await take(tx, user_id, role)
    for role in sorted(wanted - have):
        await store.give(tx, user_id, role)
    return have != wanted


async def fill_in_organisations(db: Tx, most: int) -> int:
    """Note whose they are of so many roles that the previous version gave; returns how many."""
    return await store.fill_in_organisations(db, most)
