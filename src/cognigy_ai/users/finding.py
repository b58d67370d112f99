"""Finding people, by id and by address. `users.actions` has these too."""

from collections.abc import Iterable

from cognigy_ai.problems import Problem
from cognigy_ai.users.rules import Credentials, User
from cognigy_ai.users.store import people as store
from kernel.db import Tx
from kernel.emails import email_key
from kernel.problems import ProblemError


async def find_by_email(db: Tx, email: str, organisation_id: str | None) -> list[Credentials]:
    """Everybody with that address, in one organisation or in all; in a fixed order."""
    return await store.find_by_email(db, email_key(email), organisation_id)


async def get_by_email(db: Tx, email: str, organisation_id: str | None) -> User:
    """The one user with that address; raises USER_UNKNOWN or USER_AMBIGUOUS."""
    found = await find_by_email(db, email, organisation_id)
    if not found:
        raise ProblemError(Problem.USER_UNKNOWN)
    if len(found) > 1:
        raise ProblemError(Problem.USER_AMBIGUOUS)
    return found[0].user


async def find(db: Tx, user_id: str) -> User | None:
    """None if there is no such user."""
    return await store.find(db, user_id)


async def get(db: Tx, user_id: str) -> User:
    """The user; raises USER_UNKNOWN."""
    found = await store.find(db, user_id)
    if found is None:
        raise ProblemError(Problem.USER_UNKNOWN, user_id=user_id)
    return found


async def list_several(db: Tx, user_ids: Iterable[str]) -> list[User]:
    """Those of them who are there."""
    return await store.list_several(db, user_ids)


async def list_users(db: Tx, organisation_id: str) -> list[User]:
    """Everybody in an organisation, by address."""
    return await store.list_users(db, organisation_id)


async def find_digest(db: Tx, user_id: str) -> str | None:
    """What a password is compared with."""
    return await store.find_digest(db, user_id)


async def find_bcrypt_cost(db: Tx) -> int | None:
    """The highest cost among the imported bcrypt digests; None without any."""
    return await store.find_bcrypt_cost(db)


async def is_only_invited(db: Tx, user_id: str) -> bool:
    """Nobody proved the address, set a password or signed in: the account is nobody's yet."""
    return await store.is_only_invited(db, user_id)
