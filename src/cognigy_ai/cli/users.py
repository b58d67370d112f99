"""`cognigy-ai users`: create, list, show, set-roles, disable, enable, password-link."""

import sys
from typing import Annotated

import typer

from cognigy_ai.cli.means import Means, do
from cognigy_ai.problems import Problem
from cognigy_ai.users import actions as users
from cognigy_ai.users import links
from cognigy_ai.users.rules import NewUser, User
from kernel.cli import print_json, print_line, print_table
from kernel.passwords import Passwords, weakness
from kernel.problems import ProblemError

commands = typer.Typer(help="People and their roles.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="For programs.")]
Organisation = Annotated[
    str | None, typer.Option("--organisation", help="Id; needed if several have the address.")
]
Roles = Annotated[list[str], typer.Option("--role", help="May be repeated.")]


@commands.command("create")
def create(
    email: str,
    organisation: Annotated[str, typer.Option("--organisation", help="Id.")],
    name: Annotated[str, typer.Option("--name")],
    role: Roles = [],
    email_verified: Annotated[
        bool, typer.Option("--email-verified", help="You know that the address is theirs.")
    ] = False,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
    locale: Annotated[str, typer.Option("--locale")] = "en",
    json: Json = False,
) -> None:
    """Make a user; prints a single-use link that sets the password, unless one was given."""
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else None

    async def work(means: Means) -> tuple[str, str]:
        digest = None if password is None else await checked_digest(password, (email, name))
        new = NewUser(organisation, email, name, tuple(role), email_verified, locale, digest)
        async with means.database.transaction() as tx:
            user_id = await users.create(tx, new, means.now)
            secret = "" if digest else await links.new(tx, user_id, means.now)
        return user_id, link_of(means, secret) if secret else ""

    user_id, link = do(work)
    if json:
        print_json({"id": user_id, "email": email, "password_link": link or None})
    else:
        print_line(link or user_id)


@commands.command("list")
def list_(
    organisation: Annotated[str, typer.Option("--organisation", help="Id.")], json: Json = False
) -> None:
    """Everybody in an organisation."""

    async def work(means: Means) -> list[User]:
        return await users.list_users(means.database, organisation)

    found = do(work)
    if json:
        print_json([as_json(user) for user in found])
        return
    rows = [
        (user.email, user.name, ", ".join(user.roles), "disabled" if user.disabled else "", user.id)
        for user in found
    ]
    print_table("Users", ("E-mail", "Name", "Roles", "State", "Id"), rows)


@commands.command("show")
def show(email: str, organisation: Organisation = None, json: Json = False) -> None:
    """One user."""

    async def work(means: Means) -> User:
        return await users.get_by_email(means.database, email, organisation)

    user = do(work)
    if json:
        print_json(as_json(user))
        return
    print_table(user.email, ("Field", "Value"), as_json(user).items())


@commands.command("set-roles")
def set_roles(email: str, role: Roles, organisation: Organisation = None) -> None:
    """Give exactly these roles; the others are taken away."""

    async def work(means: Means) -> bool:
        async with means.database.transaction() as tx:
            user = await users.get_by_email(tx, email, organisation)
            return await users.set_roles(tx, user.id, tuple(role), means.now)

    print_line("The roles are changed." if do(work) else "The roles were so already.")


@commands.command("disable")
def disable(email: str, organisation: Organisation = None) -> None:
    """End all access of a user."""

    async def work(means: Means) -> bool:
        async with means.database.transaction() as tx:
            user = await users.get_by_email(tx, email, organisation)
            return await users.disable(tx, user.id, means.now)

    print_line("Disabled." if do(work) else "The user was disabled already.")


@commands.command("enable")
def enable(email: str, organisation: Organisation = None) -> None:
    """Let a disabled user log in again."""

    async def work(means: Means) -> bool:
        async with means.database.transaction() as tx:
            user = await users.get_by_email(tx, email, organisation)
            return await users.enable(tx, user.id, means.now)

    print_line("Enabled." if do(work) else "The user was not disabled.")


@commands.command("password-link")
def password_link(email: str, organisation: Organisation = None, json: Json = False) -> None:
    """Print a new single-use link that sets the password; earlier links are void."""

    async def work(means: Means) -> str:
        async with means.database.transaction() as tx:
            user = await users.get_by_email(tx, email, organisation)
            secret = await links.new(tx, user.id, means.now)
        return link_of(means, secret)

    link = do(work)
    if json:
        print_json({"password_link": link})
    else:
        print_line(link)


async def checked_digest(password: str, about: tuple[str, ...]) -> str:
    """Raises PASSWORD_WEAK; the digest is made before any transaction is open."""
    code = weakness(password, about)
    if code is not None:
        raise ProblemError(Problem.PASSWORD_WEAK, weakness=code)
    return await Passwords().digest(password)


def link_of(means: Means, secret: str) -> str:
    """The address of the page that sets the password."""
    return f"{means.settings.pages_url}/password/set/{secret}"


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
