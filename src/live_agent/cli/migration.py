"""`live-agent migration`: how far an account is with its move, and the dry run."""

from typing import Annotated

import typer

from kernel.cli import fail, print_json, print_line, print_table
from kernel.clock import SystemClock
from live_agent.accounts import actions as accounts
from live_agent.cli import migration_deeds
from live_agent.cli.means import Means, do
from live_agent.cognigy_api.directory import Directory
from live_agent.cognigy_api.provider import Provider
from live_agent.moves import actions as moves
from live_agent.moves.actions import Foreseen, Move, Overview
from live_agent.moves.rules import count_states
from live_agent.platform_people.actions import Readings

commands = typer.Typer(help="The move to the Cognigy.AI login.", no_args_is_help=True)
migration_deeds.add_to(commands)

Json = Annotated[bool, typer.Option("--json", help="For programs.")]
Number = Annotated[int, typer.Option("--account", help="Number of the account.")]
Ask = Annotated[
    bool, typer.Option("--ask/--no-ask", help="Ask Cognigy.AI first, unless it was a moment ago.")
]


@commands.command("status")
def status(account: Number, json: Json = False, ask: Ask = True) -> None:
    """One row for each old user: the state, and what makes the person ready."""

    async def work(means: Means) -> Overview:
        return await _look(means, account, ask=ask)

    found = do(work)
    if json:
        print_json(status_as_json(found))
        return
    rows = [(m.user.email, m.user.name, m.state.value.label, m.state.value.action, m.user.id)
            for m in found.moves]  # fmt: skip
    print_table("Old users", ("E-mail", "Name", "State", "What to do", "Id"), rows)
    parts = [f"{group.value}: {number}" for group, number in found.groups.items()]
    print_line(", ".join(parts))
    _warn(found)


@commands.command("plan")
def plan(account: Number, json: Json = False, ask: Ask = True) -> None:
    """What would happen if everybody signed in with Cognigy.AI now; nothing is written."""

    async def work(means: Means) -> tuple[Overview, Foreseen]:
        found = await _look(means, account, ask=ask)
        return found, await moves.foresee(means.database, found, means.now)

    found, foreseen = do(work)
    if json:
        print_json(plan_as_json(foreseen))
        return
    print_line(words_of_plan(foreseen))
    _warn(found)


async def _look(means: Means, number: int, *, ask: bool) -> Overview:
    account = await accounts.find(means.database, number)
    if account is None:
        fail(f"There is no account {number}: `live-agent accounts list`.")
    if ask:
        clock = SystemClock()
        provider = Provider(means.settings, clock)
        directory = Directory(means.settings, clock, provider)
        readings = Readings(means.database, clock, directory, means.settings.role_map())
        try:
            await readings.read_now(account)
        finally:
            await readings.close()
            await provider.close()
    return await moves.look(means.database, account, means.settings.issuer, SystemClock().now())


def _warn(found: Overview) -> None:
    reading = found.reading
    if reading.failure is not None:
        print_line(f"Cognigy.AI was asked without success: {reading.failure.value}")
    elif reading.read_at is None:
        print_line("Cognigy.AI has not been asked yet.")


def status_as_json(found: Overview) -> dict[str, object]:
    """Times are seconds since 1970."""
    reading = found.reading
    return {
        "account": found.account.id,
        "organisation": found.account.organisation_id,
        "read_at": reading.read_at,
        "failure": reading.failure.name.lower() if reading.failure else None,
        "groups": {group.name.lower(): number for group, number in found.groups.items()},
        "states": {s.name.lower(): n for s, n in count_states(found.moves).items()},
        "users": [_move_as_json(move) for move in found.moves],
    }


def plan_as_json(foreseen: Foreseen) -> dict[str, object]:
    found = foreseen.plan
    return {
        "moving": [_move_as_json(move) for move in found.moving],
        "proving": found.proving,
        "staying": {
            state.name.lower(): [move.user.id for move in those]
            for state, those in found.staying.items()
        },
        "changed_roles": [move.user.id for move in found.changed_roles],
        "doors": dict(foreseen.doors),
        "administrators": found.administrators,
    }


def words_of_plan(foreseen: Foreseen) -> str:
    """The plan as it is read aloud."""
    found = foreseen.plan
    lines = [f"{len(found.moving)} will move ({found.proving} of them after a proof)."]
    for state, those in found.staying.items():
        label = state.value.label
        lines.append(f"{len(those)} will not: {label}. {state.value.action}")
    doors = foreseen.doors
    links = doors["links"] + doors["proofs"]
    lines.append(
        f"{doors['sessions']} sessions, {doors['api_tokens']} API tokens and {links} links end."
    )
    lines.append(f"{len(found.changed_roles)} will have other roles.")
    if found.leaves_no_administrator:
        lines.append("The account would be left WITHOUT AN ADMINISTRATOR.")
    return "\n".join(lines)


def _move_as_json(move: Move) -> dict[str, object]:
    user, person = move.user, move.person
    return {
        "id": user.id,
        "email": user.email,
        "name": user.name,
        "roles": list(user.roles),
        "state": move.state.name.lower(),
        "group": move.state.value.group.name.lower(),
        "action": move.state.value.action or None,
        "must_prove": move.must_prove,
        "platform": None
        if person is None
        else {"subject": person.subject, "email": person.email, "roles": list(person.roles)},
        "moved_at": user.moved_at,
        "last_login_at": user.last_login_at,
        "last_login_method": user.last_login_method,
    }
