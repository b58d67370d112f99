"""`cognigy-ai users`: make, list, show, rename and delete people; their passwords and links.

Roles, state and access are in `user_access`.
"""

from dataclasses import replace
from typing import Annotated

import typer

from cognigy_ai.cli import user_access
from cognigy_ai.cli.means import Means, do
from cognigy_ai.cli.people import (
    Json,
    Roles,
    Where,
    Who,
    Yes,
    as_json,
    checked_digest,
    confirm,
    do_to,
    get_user,
    read_line,
    say,
)
from cognigy_ai.cli.user_list import commands as list_commands
from cognigy_ai.db import features
from cognigy_ai.second_factors import actions as second_factors
from cognigy_ai.sessions import actions as sessions
from cognigy_ai.users import actions as users
from cognigy_ai.users import links, listing, rules
from cognigy_ai.users.rules import NewUser, User
from kernel.cli import print_json, print_line, print_table
from kernel.db import Tx

commands = typer.Typer(help="People and their roles.", no_args_is_help=True)
commands.add_typer(list_commands)
commands.add_typer(user_access.commands)

NOBODY_IN_PARTICULAR = ""  # the invitation names no person
PasswordStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input.")
]


@commands.command("create")
def create(
    email: str,
    organisation: Annotated[str, typer.Option("--organisation", help="Id.")],
    name: Annotated[str, typer.Option("--name")],
    role: Roles = [],
    email_verified: Annotated[
        bool, typer.Option("--email-verified", help="You know that the address is theirs.")
    ] = False,
    password_stdin: PasswordStdin = False,
    invite: Annotated[
        bool, typer.Option("--invite", help="Mail an invitation; nothing secret is printed.")
    ] = False,
    locale: Annotated[str, typer.Option("--locale", help=", ".join(rules.LOCALES))] = "en",
    json: Json = False,
) -> None:
    """Make a user; prints a single-use link that sets the password, unless told otherwise."""
    if password_stdin and invite:
        raise typer.BadParameter("Give --invite or --password-stdin, not both.")
    new = NewUser(organisation, email, name, tuple(role), email_verified, locale)
    password = read_line() if password_stdin else None
    user_id, link = do(lambda means: _create(means, new, password, invite=invite))
    if json:
        print_json({"id": user_id, "email": email, "password_link": link or None})
    else:
        print_line(link or user_id)


async def _create(
    means: Means, new: NewUser, password: str | None, *, invite: bool
) -> tuple[str, str]:
    if password is not None:
        whose = (new.organisation_id, new.email, new.name)
        digest = await checked_digest(means.database, *whose, password)
        new = replace(new, password_digest=digest)
    async with means.database.transaction() as tx:
        user_id = await users.create(tx, new, means.now)
        if password is not None:
            return user_id, ""
        if invite:
            outbox = features.outbox(means.keyring)
            await links.invite(tx, outbox, user_id, NOBODY_IN_PARTICULAR, means.now)
            return user_id, ""
        return user_id, link_of(means, await links.new(tx, user_id, means.now))


@commands.command("show")
def show(who: Who, organisation: Where = None, json: Json = False) -> None:
    """One user: what a login is decided by, and when the person was here."""

    async def work(means: Means) -> dict[str, object]:
        user = await get_user(means.database, who, organisation)
        person = await listing.get_person(means.database, user.organisation_id, user.id)
        factor = await second_factors.find(means.database, user.id)
        return as_json(user) | {
            "state": person.state.value,
            "two_step": factor is not None,
            "must_change_password": person.must_change_password,
            "sessions": await sessions.count_of_user(means.database, user.id, means.now),
            "last_login_at": person.last_login_at,
            "last_active_at": person.last_active_at,
            "created_at": person.created_at,
        }

    shown = do(work)
    if json:
        print_json(shown)
        return
    rows = [(k, ", ".join(map(str, v)) if isinstance(v, list) else v) for k, v in shown.items()]
    print_table(str(shown["email"]), ("Field", "Value"), rows)


@commands.command("rename")
def rename(
    who: Who,
    name: str,
    locale: Annotated[str | None, typer.Option("--locale", help="The language too.")] = None,
    organisation: Where = None,
    json: Json = False,
) -> None:
    """Give a person another name."""

    async def deed(means: Means, tx: Tx, user: User) -> bool:
        language = user.locale if locale is None else locale
        return await users.change(tx, user.id, name=name, locale=language, now=means.now)

    user, changed = do_to(who, organisation, deed)
    say(user, changed, "Renamed.", "The name was so already.", json=json)


@commands.command("set-address")
def set_address(
    who: Who,
    email: str,
    email_verified: Annotated[
        bool, typer.Option("--email-verified", help="You know that the address is theirs.")
    ] = False,
    organisation: Where = None,
    json: Json = False,
) -> None:
    """Give a person another e-mail address; links that were mailed to the old one are void."""

    async def deed(means: Means, tx: Tx, user: User) -> bool:
        return await users.set_address(tx, user.id, email, means.now, verified=email_verified)

    user, changed = do_to(who, organisation, deed)
    say(user, changed, "The address is changed.", "The address was so already.", json=json)


@commands.command("delete")
def delete(who: Who, organisation: Where = None, yes: Yes = False, json: Json = False) -> None:
    """Remove a person with sessions, keys and links. It cannot be undone."""
    if not yes:
        found = do(lambda means: get_user(means.database, who, organisation))
        loss = f"{found.name} of {found.organisation_name} loses the account, sessions and keys."
        confirm(found.email, loss)
        who, organisation = found.id, found.organisation_id

    async def deed(means: Means, tx: Tx, user: User) -> bool:
        await users.delete(tx, user.id, means.now)
        return True

    user, changed = do_to(who, organisation, deed)
    say(user, changed, "Deleted.", "", json=json)


@commands.command("invite")
def invite(who: Who, organisation: Where = None, json: Json = False) -> None:
    """Mail a link that sets the first password; a running server sends it."""

    async def deed(means: Means, tx: Tx, user: User) -> bool:
        outbox = features.outbox(means.keyring)
        await links.invite(tx, outbox, user.id, NOBODY_IN_PARTICULAR, means.now)
        return True

    user, changed = do_to(who, organisation, deed)
    say(user, changed, f"An invitation to {user.email} is on its way.", "", json=json)


@commands.command("password-link")
def password_link(who: Who, organisation: Where = None, json: Json = False) -> None:
    """Print a new single-use link that sets the password; earlier links are void."""

    async def deed(means: Means, tx: Tx, user: User) -> str:
        return link_of(means, await links.new(tx, user.id, means.now))

    _, link = do_to(who, organisation, deed)
    if json:
        print_json({"password_link": link})
    else:
        print_line(link)


@commands.command("set-password")
def set_password(
    who: Who,
    organisation: Where = None,
    must_change: Annotated[
        bool, typer.Option(help="Ask for another one at the next sign-in: you know this one.")
    ] = True,
    json: Json = False,
) -> None:
    """Set a password that is read from standard input; the person is signed out everywhere."""
    new = read_line()

    async def work(means: Means) -> User:
        user = await get_user(means.database, who, organisation)
        whose = (user.organisation_id, user.email, user.name)
        digest = await checked_digest(means.database, *whose, new)
        async with means.database.transaction() as tx:
            await users.set_password(tx, user.id, digest, means.now, must_change=must_change)
        return user

    say(do(work), True, "The password is set.", "", json=json)


def link_of(means: Means, secret: str) -> str:
    """The address of the page that sets the password."""
    return f"{means.settings.pages_url}/password/set/{secret}"
