"""`cognigy-ai organisations`: create, list, suspend, resume."""

from typing import Annotated

import typer

from cognigy_ai.cli.means import Means, do
from cognigy_ai.organisations import actions as organisations
from cognigy_ai.organisations.rules import Organisation
from kernel.cli import print_json, print_line, print_table

commands = typer.Typer(help="Organisations.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="For programs.")]


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
        print_json({"id": made, "name": name})
    else:
        print_line(made)


@commands.command("list")
def list_(json: Json = False) -> None:
    """All organisations."""

    async def work(means: Means) -> list[Organisation]:
        return await organisations.list_(means.database)

    found = do(work)
    if json:
        print_json([_as_json(one) for one in found])
        return
    rows = [(one.id, one.name, "suspended" if one.suspended_at else "") for one in found]
    print_table("Organisations", ("Id", "Name", "State"), rows)


@commands.command("suspend")
def suspend(organisation_id: str) -> None:
    """Nobody there gets in any more; sessions end."""

    async def work(means: Means) -> bool:
        async with means.database.transaction() as tx:
            return await organisations.suspend(tx, organisation_id, means.now)

    print_line("Suspended." if do(work) else "It was suspended already.")


@commands.command("resume")
def resume(organisation_id: str) -> None:
    """People there can log in again."""

    async def work(means: Means) -> bool:
        async with means.database.transaction() as tx:
            return await organisations.resume(tx, organisation_id, means.now)

    print_line("Resumed." if do(work) else "It was not suspended.")


def _as_json(one: Organisation) -> dict[str, object]:
    return {"id": one.id, "name": one.name, "suspended": one.suspended_at is not None}
