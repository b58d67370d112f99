"""`live-agent doors`: every way in, open or closed, with the proof."""

from typing import Annotated

import typer

from kernel.cli import fail, print_json, print_line, print_table
from live_agent.agents.rules import User
from live_agent.cli.means import Means, check_asked, check_reason, do
from live_agent.cli.users import get_user
from live_agent.doors import actions as doors
from live_agent.doors.actions import Closing
from live_agent.doors.rules import DoorState

HELP = "Every way in to an account: open or closed, since when and why; or close all of a person."

Found = list[tuple[User, list[DoorState]]]


def show(
    account: Annotated[int, typer.Option("--account", help="Number of the account.")],
    user: Annotated[str, typer.Option("--user", help="Address or id: of this person alone.")] = "",
    close: Annotated[bool, typer.Option("--close", help="Close all doors of --user.")] = False,
    reason: Annotated[str, typer.Option("--reason", help="Why they are closed.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Nothing is changed without --close."""
    if close:
        _close(account, user, reason, yes=yes)
        return
    found = do(lambda means: _look(means, account, user))
    if json:
        print_json([_as_json(one, states) for one, states in found])
        return
    rows = [
        (one.email, state.door, "open" if state.open else "closed", state.why, state.number or "")
        for one, states in found
        for state in states
    ]
    print_table("Doors", ("User", "Door", "State", "Why", "Number"), rows)


async def _look(means: Means, account: int, user: str) -> Found:
    if not user:
        return await doors.list_of_account(means.database, account, means.now)
    one = await get_user(means.database, account, user)
    return [(one, await doors.list_of_user(means.database, one, means.now))]


def _close(account: int, user: str, reason: str, *, yes: bool) -> None:
    if not user:
        fail("Say whose doors, with --user.")
    why = check_reason(reason)
    if not yes:
        check_asked(f"Close every door of {user}? Type the address to go on: ", user)

    async def work(means: Means) -> None:
        one = await get_user(means.database, account, user)
        async with means.database.transaction() as tx:
            await doors.close_all(tx, Closing(account, one.id, why, by=None), means.now)

    do(work)
    print_line("Every door is closed. `live-agent users enable` lets the person in again.")


def _as_json(user: User, states: list[DoorState]) -> dict[str, object]:
    return {
        "id": user.id,
        "email": user.email,
        "doors": [
            {
                "door": state.door.value,
                "open": state.open,
                "why": state.why.value,
                "number": state.number,
                "at": state.at,
                "until": state.until,
            }
            for state in states
        ],
    }
