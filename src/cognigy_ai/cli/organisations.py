"""`cognigy-ai organisations`: make, show, rename, suspend, resume; Live Agent's account."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Annotated, TypeVar

import typer

from cognigy_ai.cli.means import Means, do
from cognigy_ai.db import features
from cognigy_ai.live_agent import actions as live_agent
from cognigy_ai.live_agent.actions import LiveAgent
from cognigy_ai.live_agent_api.client import LiveAgentApi
from cognigy_ai.organisations import actions as organisations
from cognigy_ai.organisations.rules import Organisation
from kernel.cli import print_json, print_line, print_table
from kernel.clock import SystemClock
from kernel.opaque import new_reference

commands = typer.Typer(help="Organisations.", no_args_is_help=True)

T = TypeVar("T")

MOST_COUNTED = 1_000_000
Json = Annotated[bool, typer.Option("--json", help="For programs.")]
Id = Annotated[str, typer.Argument(help="Id of the organisation.", metavar="ORGANISATION")]


@commands.command("create")
def create(
    name: str,
    organisation_id: Annotated[str | None, typer.Option("--id", help="24 hex digits.")] = None,
    json: Json = False,
) -> None:
    """Make an organisation; prints its id."""

    async def work(means: Means) -> str:
        async with means.database.transaction() as tx:
            return await organisations.create(tx, name, means.now, organisation_id)

    made = do(work)
    if json:
        print_json({"id": made, "name": name.strip()})
    else:
        print_line(made)


@commands.command("list")
def list_(json: Json = False) -> None:
    """All organisations."""

    async def work(means: Means) -> list[Organisation]:
        return await organisations.list_(means.database)

    found = do(work)
    if json:
        print_json([as_json(one) for one in found])
        return
    rows = [
        (one.id, one.name, one.live_agent_account, "suspended" if one.suspended else "")
        for one in found
    ]
    print_table("Organisations", ("Id", "Name", "Live Agent", "State"), rows)


@commands.command("show")
def show(organisation_id: Id, json: Json = False) -> None:
    """One organisation."""

    async def work(means: Means) -> dict[str, object]:
        one = await organisations.get(means.database, organisation_id)
        people = await organisations.count_people(means.database, one.id, MOST_COUNTED)
        return as_json(one) | {"people": people}

    shown = do(work)
    if json:
        print_json(shown)
        return
    print_table(str(shown["name"]), ("Field", "Value"), shown.items())


@commands.command("rename")
def rename(organisation_id: Id, name: str, json: Json = False) -> None:
    """Give it another name. Live Agent keeps the name of the account."""

    async def work(means: Means) -> bool:
        async with means.database.transaction() as tx:
            return await organisations.rename(tx, organisation_id, name, means.now)

    _say(organisation_id, do(work), "Renamed.", "It has that name already.", json=json)


@commands.command("suspend")
def suspend(organisation_id: Id, json: Json = False) -> None:
    """Nobody there gets in any more; sessions end. A running server tells Live Agent."""

    async def work(means: Means) -> bool:
        outbox = features.outbox(means.keyring)
        async with means.database.transaction() as tx:
            return await organisations.suspend(tx, outbox, organisation_id, means.now)

    _say(organisation_id, do(work), "Suspended.", "It was suspended already.", json=json)


@commands.command("resume")
def resume(organisation_id: Id, json: Json = False) -> None:
    """People there can log in again. A running server tells Live Agent."""

    async def work(means: Means) -> bool:
        outbox = features.outbox(means.keyring)
        async with means.database.transaction() as tx:
            return await organisations.resume(tx, outbox, organisation_id, means.now)

    _say(organisation_id, do(work), "Resumed.", "It was not suspended.", json=json)


@commands.command("set-up-live-agent")
def set_up_live_agent(organisation_id: Id, json: Json = False) -> None:
    """Give it an account in Live Agent, or find the one it has; prints the number."""

    async def work(means: LiveAgent) -> int:
        return await live_agent.set_up(means, organisation_id, new_reference())

    number = _do_with_live_agent(work)
    if json:
        print_json({"id": organisation_id, "live_agent_account": number})
    else:
        print_line(str(number))


@commands.command("adopt")
def adopt(
    organisation_id: Id,
    number: Annotated[
        int | None,
        typer.Argument(help="Only this account; default: the one that Live Agent has.", min=1),
    ] = None,
    json: Json = False,
) -> None:
    """Store the account number that Live Agent has, whatever is stored; prints it."""

    async def work(means: LiveAgent) -> tuple[int, bool]:
        return await live_agent.adopt(means, organisation_id, number, new_reference())

    stored, changed = _do_with_live_agent(work)
    if json:
        result = {"id": organisation_id, "live_agent_account": stored, "changed": changed}
        print_json(result)
    else:
        print_line(str(stored))


@commands.command("forget-account")
def forget_account(
    organisation_id: Id,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json: Json = False,
) -> None:
    """The account is gone from Live Agent: take its number away, so that it is set up anew."""
    if not yes:
        typer.confirm("Nothing in Live Agent is changed. Forget the number?", abort=True, err=True)

    async def work(means: LiveAgent) -> bool:
        return await live_agent.forget(means, organisation_id)

    changed = _do_with_live_agent(work)
    _say(organisation_id, changed, "Forgotten.", "No number was stored.", json=json)


def as_json(one: Organisation) -> dict[str, object]:
    """An organisation as `--json` prints it."""
    return {
        "id": one.id,
        "name": one.name,
        "suspended": one.suspended,
        "live_agent_account": one.live_agent_account,
        "live_agent_set_up_at": one.live_agent_set_up_at,
        "two_step_required": one.two_step_required,
        "created_at": one.created_at,
    }


def _say(organisation_id: str, changed: bool, done: str, was_so: str, *, json: bool) -> None:
    if json:
        print_json({"id": organisation_id, "changed": changed})
    else:
        print_line(done if changed else was_so)


def _do_with_live_agent(work: Callable[[LiveAgent], Awaitable[T]]) -> T:
    async def run(means: Means) -> T:
        async with _opened(means) as opened:
            return await work(opened)

    return do(run)


@asynccontextmanager
async def _opened(means: Means) -> AsyncIterator[LiveAgent]:
    api = LiveAgentApi(means.settings)
    outbox = features.outbox(means.keyring)
    try:
        yield LiveAgent(means.settings, means.database, SystemClock(), outbox, api)
    finally:
        await api.close()
