"""`live-agent accounts`: create, map, list, show, suspend, resume, set, delete."""

from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Annotated, NoReturn

import typer

from kernel.cli import fail, print_json, print_line, print_table
from kernel.db import Tx, UniqueViolation
from live_agent.accounts import actions as accounts
from live_agent.accounts.rules import (
    LONGEST_NAME,
    LONGEST_ORGANISATION,
    MOST_NUMBER,
    Account,
)
from live_agent.cli.means import Means, check_asked, do
from live_agent.migration import actions as migration
from live_agent.sessions import actions as sessions

commands = typer.Typer(help="Accounts: one for each organisation.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="For programs.")]
Number = Annotated[
    int,
    typer.Argument(help="Number of the account.", metavar="ACCOUNT", min=1, max=MOST_NUMBER),
]


class Switch(StrEnum):
    """As it is typed."""

    ON = "on"
    OFF = "off"


@commands.command("create")
def create(
    name: str,
    organisation: Annotated[
        str | None, typer.Option("--organisation", help="Id; none: reached by /old-login only.")
    ] = None,
    json: Json = False,
) -> None:
    """Make an account; prints its number."""
    _check_texts(name, organisation)

    async def work(means: Means) -> Account:
        try:
            async with means.database.transaction() as tx:
                return await accounts.create(tx, name, organisation, means.now)
        except UniqueViolation:
            _taken(organisation)

    made = do(work)
    if json:
        print_json(_as_json(made))
    else:
        print_line(str(made.id))


@commands.command("map")
def map_(
    account: Number,
    organisation: Annotated[str, typer.Option("--organisation", help="Id.")],
    json: Json = False,
) -> None:
    """Give an account without an organisation its organisation, for good."""
    _check_texts("-", organisation)

    async def work(means: Means) -> Account:
        try:
            async with means.database.transaction() as tx:
                mapped = await accounts.map_organisation(tx, account, organisation, means.now)
                known = mapped or await accounts.find(tx, account)
        except UniqueViolation:
            _taken(organisation)
        if known is None:
            _unknown(account)
        if known.organisation_id != organisation:
            fail(f"Account {account} has the organisation {known.organisation_id} already.")
        return known

    _say(do(work), json)


@commands.command("list")
def list_(json: Json = False) -> None:
    """All accounts."""

    async def work(means: Means) -> list[Account]:
        return await accounts.list_accounts(means.database)

    found = do(work)
    if json:
        print_json([_as_json(one) for one in found])
        return
    rows = [(one.id, one.name, one.organisation_id or "", _states(one)) for one in found]
    print_table("Accounts", ("Number", "Name", "Organisation", "State"), rows)


@commands.command("show")
def show(account: Number, json: Json = False) -> None:
    """One account."""

    async def work(means: Means) -> Account:
        return await accounts.find(means.database, account) or _unknown(account)

    found = do(work)
    if json:
        print_json(_as_json(found))
        return
    print_table(found.name, ("Field", "Value"), _as_json(found).items())


@commands.command("suspend")
def suspend(account: Number, json: Json = False) -> None:
    """Nobody there gets in any more; sessions end."""

    async def suspend_and_end(tx: Tx, means: Means) -> Account | None:
        found = await accounts.suspend(tx, account, means.now)
        await sessions.end_of_account(tx, account, "suspended", means.now)
        return found

    _say(_change(account, suspend_and_end), json)


@commands.command("resume")
def resume(account: Number, json: Json = False) -> None:
    """People there can log in again."""
    _say(_change(account, lambda tx, means: accounts.resume(tx, account, means.now)), json)


@commands.command("set")
def set_(
    account: Number,
    oauth_login: Annotated[
        Switch | None,
        typer.Option("--oauth-login", help="on, off: may people log in with Cognigy.AI?"),
    ] = None,
    linking: Annotated[
        Switch | None,
        typer.Option("--linking", help="on, off: may a first login take over an old user?"),
    ] = None,
    second_approval: Annotated[
        Switch | None,
        typer.Option(
            "--second-approval",
            help="on, off: must a second administrator approve a decision about a conflict?",
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Switch the login by Cognigy.AI, the move of old users or the second approval on or off."""

    async def switch(tx: Tx, means: Means) -> Account | None:
        return await accounts.set_switches(
            tx,
            account,
            oauth_login=_bool(oauth_login),
            linking=_bool(linking),
            second_approval=_bool(second_approval),
            now=means.now,
        )

    _say(_change(account, switch), json)


@commands.command("delete")
def delete(
    account: Number,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json: Json = False,
) -> None:
    """Delete an account with its people and their sessions, for good."""

    async def look(means: Means) -> Account:
        return await accounts.find(means.database, account) or _unknown(account)

    async def delete_all(tx: Tx, means: Means) -> Account | None:
        return await migration.delete_account(tx, account, means.now, by=accounts.OPERATOR)

    if not yes:
        _confirm(do(look))
    gone = _change(account, delete_all)
    if json:
        print_json({"id": gone.id, "name": gone.name, "deleted": True})
    else:
        print_line(f"Account {gone.id} ({gone.name}) is deleted.")


def _confirm(account: Account) -> None:
    """It cannot be undone, so the name is typed."""
    check_asked(
        f"Everybody of {account.name} loses their Live Agent user, and the number {account.id} is "
        f"never given again.\nType {account.name} to go on: ",
        account.name.strip(),
    )


def _change(account: int, deed: Callable[[Tx, Means], Awaitable[Account | None]]) -> Account:
    async def work(means: Means) -> Account:
        async with means.database.transaction() as tx:
            changed = await deed(tx, means)
        return changed or _unknown(account)

    return do(work)


def _check_texts(name: str, organisation: str | None) -> None:
    if not name.strip() or len(name) > LONGEST_NAME:
        fail(f"A name has 1 to {LONGEST_NAME} characters.")
    if organisation is not None and not 0 < len(organisation) <= LONGEST_ORGANISATION:
        fail(f"An organisation's id has 1 to {LONGEST_ORGANISATION} characters.")


def _taken(organisation: str | None) -> NoReturn:
    fail(f"The organisation {organisation} has an account already: `live-agent accounts list`.")


def _unknown(account: int) -> NoReturn:
    fail(f"There is no account {account}: `live-agent accounts list`.")


def _bool(switch: Switch | None) -> bool | None:
    return None if switch is None else switch is Switch.ON


def _say(account: Account, json: bool) -> None:
    if json:
        print_json(_as_json(account))
    else:
        print_line(f"Account {account.id} ({account.name}): {_states(account)}.")


def _states(account: Account) -> str:
    states = ["suspended" if account.suspended else "open"]
    if account.organisation_id is None:
        states.append("no organisation")
    if not account.oauth_login:
        states.append("no login by Cognigy.AI")
    if not account.linking:
        states.append("old users do not move")
    if account.second_approval:
        states.append("two administrators decide about conflicts")
    return ", ".join(states)


def _as_json(account: Account) -> dict[str, object]:
    return {
        "id": account.id,
        "name": account.name,
        "organisation_id": account.organisation_id,
        "oauth_login": account.oauth_login,
        "linking": account.linking,
        "second_approval": account.second_approval,
        "suspended": account.suspended,
    }
