"""`live-agent users`: create, list, set-password, disable, enable."""

import sys
from collections.abc import Awaitable, Callable
from typing import Annotated

import typer

from kernel.cli import fail, print_json, print_line, print_table
from kernel.db import Database, Tx
from kernel.emails import is_address
from kernel.passwords import PRODUCTS, Passwords, weakness
from live_agent.accounts import actions as accounts
from live_agent.agents import actions as agents
from live_agent.agents.actions import OldUser
from live_agent.agents.rules import ROLES, User
from live_agent.cli.means import Means, do
from live_agent.sessions import actions as sessions

commands = typer.Typer(help="The users of an account.", no_args_is_help=True)

WEAK = {
    "too_short": "it has fewer than 12 characters",
    "too_long": "it is too long",
    "too_common": "it is easy to guess",
    "about_you": "it contains a word of the name, the address, the account or the product",
}

Json = Annotated[bool, typer.Option("--json", help="For programs.")]
Number = Annotated[int, typer.Option("--account", help="Number of the account.")]
PasswordStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input.")
]


@commands.command("create")
def create(
    email: str,
    account: Number,
    name: Annotated[str, typer.Option("--name")],
    role: Annotated[list[str], typer.Option("--role", help=f"{', '.join(ROLES)}; repeatable.")],
    confirmed: Annotated[
        bool, typer.Option("--confirmed", help="You know that the address is theirs.")
    ] = False,
    password_stdin: PasswordStdin = False,
    json: Json = False,
) -> None:
    """Make an old user, who logs in at /old-login until the move; prints the id."""
    unknown = [one for one in role if one not in ROLES]
    if unknown:
        fail(f"`{unknown[0]}` is not a role. Roles: {', '.join(ROLES)}.")
    if not is_address(email):
        fail(f"`{email}` is not an e-mail address.")
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else None

    async def work(means: Means) -> str:
        found = await accounts.find(means.database, account)
        if found is None:
            fail(f"There is no account {account}: `live-agent accounts list`.")
        about = (email, name, found.name)
        digest = None if password is None else await _digest(password, about)
        new = OldUser(account, email, name, tuple(role), digest, confirmed)
        async with means.database.transaction() as tx:
            return await agents.create_old(tx, new, means.now)

    made = do(work)
    if json:
        print_json({"id": made, "email": email})
    else:
        print_line(made)


@commands.command("list")
def list_(account: Number, json: Json = False) -> None:
    """Everybody in an account."""

    async def work(means: Means) -> list[User]:
        return await agents.list_users(means.database, account)

    found = do(work)
    if json:
        print_json([_as_json(user) for user in found])
        return
    rows = [(one.email, one.name, ", ".join(one.roles), _state(one), one.id) for one in found]
    print_table("Users", ("E-mail", "Name", "Roles", "State", "Id"), rows)


@commands.command("set-password")
def set_password(email: str, account: Number, password_stdin: PasswordStdin = False) -> None:
    """Set the password of an old user, and end the sessions made with the one before."""
    if not password_stdin:
        fail("Give the password on standard input, with --password-stdin.")
    password = sys.stdin.readline().rstrip("\r\n")

    async def work(means: Means) -> None:
        user = await get_user(means.database, account, email)
        place = await accounts.find(means.database, account)
        about = (user.email, user.name, "" if place is None else place.name)
        digest = await _digest(password, about)
        async with means.database.transaction() as tx:
            if await agents.set_password(tx, account, user.id, digest, means.now) is None:
                fail(f"{email} has moved: the password belongs to Cognigy.AI.")
            await sessions.end_of_user(tx, user.id, "password_set", means.now)

    do(work)
    print_line("The password is set.")


@commands.command("disable")
def disable(email: str, account: Number) -> None:
    """End all access of a user."""

    async def end_access(tx: Tx, user: User, now: int) -> None:
        await agents.disable(tx, account, user.id, now)
        await sessions.end_of_user(tx, user.id, "disabled", now)

    _change(email, account, end_access)
    print_line("Disabled.")


@commands.command("enable")
def enable(email: str, account: Number) -> None:
    """Let a disabled user log in again."""

    async def let_in(tx: Tx, user: User, now: int) -> None:
        await agents.enable(tx, account, user.id, now)

    _change(email, account, let_in)
    print_line("Enabled.")


def _change(email: str, account: int, deed: Callable[[Tx, User, int], Awaitable[None]]) -> None:
    async def work(means: Means) -> None:
        async with means.database.transaction() as tx:
            await deed(tx, await get_user(tx, account, email), means.now)

    do(work)


async def get_user(tx: Tx | Database, account: int, who: str) -> User:
    """By address or id: two old users may share an address."""
    found = await agents.list_by_email(tx, account, who)
    if not found and (by_id := await agents.get(tx, account, who)) is not None:
        return by_id
    if not found:
        fail(f"Account {account} has no user {who}: `live-agent users list --account {account}`.")
    if len(found) > 1:
        ids = ", ".join(user.id for user in found)
        fail(f"Several users have the address {who}. Write the id instead: {ids}.")
    return found[0]


async def _digest(password: str, about: tuple[str, ...]) -> str:
    weak = weakness(password, (*about, *PRODUCTS))
    if weak is not None:
        fail(f"The password is refused: {WEAK[weak]}.")
    return await Passwords().digest(password)


def _state(user: User) -> str:
    states = ["moved" if user.moved_at is not None else "linked" if user.linked else "old"]
    if not user.linked and not user.confirmed:
        states.append("not confirmed")
    if user.disabled:
        states.append("disabled")
    return ", ".join(states)


def _as_json(user: User) -> dict[str, object]:
    return {
        "id": user.id,
        "email": user.email,
        "name": user.name,
        "roles": list(user.roles),
        "linked": user.linked,
        "moved_at": user.moved_at,
        "confirmed": user.confirmed,
        "has_password": user.has_password,
        "disabled": user.disabled,
        "last_login_at": user.last_login_at,
        "last_login_method": user.last_login_method,
    }
