"""What the commands on people share: who is meant, what is printed, what has to be confirmed."""

import sys
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer

from cognigy_ai.cli.means import Means, check_asked, do
from cognigy_ai.organisations import actions as organisations
from cognigy_ai.problems import Problem
from cognigy_ai.users import actions as users
from cognigy_ai.users import administration, passwords
from cognigy_ai.users.passwords import NewPerson
from cognigy_ai.users.rules import User
from kernel.cli import print_json, print_line
from kernel.db import Tx
from kernel.passwords import Passwords
from kernel.problems import ProblemError

T = TypeVar("T")

Json = Annotated[bool, typer.Option("--json", help="For programs.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
Who = Annotated[str, typer.Argument(metavar="USER", help="E-mail address or id.")]
Where = Annotated[
    str | None, typer.Option("--organisation", help="Id; needed if several have the address.")
]
Roles = Annotated[list[str], typer.Option("--role", help="May be repeated.")]
Deed = Callable[[Means, Tx, User], Awaitable[T]]


async def get_user(db: Tx, who: str, organisation: str | None) -> User:
    """By address or id; raises USER_UNKNOWN or USER_AMBIGUOUS."""
    if "@" in who:
        return await users.get_by_email(db, who, organisation)
    return await administration.get_user_for(db, organisation, who)


def do_to(who: str, organisation: str | None, deed: Deed[T]) -> tuple[User, T]:
    """Find the person and do it, in one transaction; returns who it was."""

    async def work(means: Means) -> tuple[User, T]:
        async with means.database.transaction() as tx:
            user = await get_user(tx, who, organisation)
            return user, await deed(means, tx, user)

    return do(work)


def say(user: User, changed: bool, done: str, was_so: str, *, json: bool) -> None:
    """What a deed came to: a sentence, or an object."""
    if json:
        print_json({"id": user.id, "email": user.email, "changed": changed})
    else:
        print_line(done if changed else was_so)


def confirm(expected: str, loss: str) -> None:
    """The name has to be typed, since it cannot be undone; anything else is exit code 1."""
    check_asked(f"{loss}\nType {expected} to go on: ", expected)


def read_line() -> str:
    """A secret from standard input: it is in no list of processes and no history."""
    return sys.stdin.readline().rstrip("\r\n")


async def checked_digest(db: Tx, organisation_id: str, email: str, name: str, new: str) -> str:
    """Raises PASSWORD_REFUSED or ORGANISATION_UNKNOWN. Made before any transaction is open."""
    policy = await passwords.policy_of(db, organisation_id)
    place = await organisations.get(db, organisation_id)
    fault = passwords.judge(NewPerson(name, email, place.name), policy, new)
    if fault:
        raise ProblemError(Problem.PASSWORD_REFUSED, faults=fault)
    return await Passwords().digest(new)


def as_json(user: User) -> dict[str, object]:
    """A user as `--json` prints it."""
    return {
        "id": user.id,
        "email": user.email,
        "email_verified": user.email_verified,
        "name": user.name,
        "organisation": user.organisation_id,
        "organisation_name": user.organisation_name,
        "roles": list(user.roles),
        "locale": user.locale,
        "disabled": user.disabled,
        "access_revision": user.access_revision,
    }
