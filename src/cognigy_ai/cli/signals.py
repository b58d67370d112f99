"""`cognigy-ai signals`: what Live Agent and other applications were told of access that ended."""

from typing import Annotated

import typer

from cognigy_ai.cli.means import Means, do
from cognigy_ai.signals import actions as signals
from cognigy_ai.signals.rules import Signal, State
from kernel.cli import print_json, print_line, print_table
from kernel.clock import utc_text

commands = typer.Typer(
    help="What applications are told when access ends or changes.", no_args_is_help=True
)

Json = Annotated[bool, typer.Option("--json", help="For programs.")]
Organisation = Annotated[str, typer.Option("--organisation", help="Only of this id.")]
STATES = tuple(state.value for state in State)
MOST = 10_000


@commands.command("status")
def status(organisation: Organisation = "", json: Json = False) -> None:
    """How delivery stands with each receiver."""

    async def work(means: Means) -> list[signals.Delivery]:
        return await signals.list_deliveries(means.database, organisation)

    found = do(work)
    if json:
        print_json([_delivery_as_json(one) for one in found])
        return
    rows = [
        (one.receiver, _moment(one.delivered_at), _waiting(one), one.refused, one.reason)
        for one in found
    ]
    columns = ("Receiver", "Last acknowledged", "Waiting", "Refused", "Reason")
    print_table("Delivery of signals", columns, rows, "Nobody was told anything yet.")


@commands.command("list")
def list_(
    state: Annotated[str, typer.Option("--state", help=", ".join(STATES))] = "",
    user: Annotated[str, typer.Option("--user", help="Only about this user id.")] = "",
    organisation: Organisation = "",
    most: Annotated[int, typer.Option("--most", min=1, max=MOST)] = 50,
    json: Json = False,
) -> None:
    """The newest first."""
    if state and state not in STATES:
        raise typer.BadParameter(f"{state} is none of {', '.join(STATES)}")

    async def work(means: Means) -> list[Signal]:
        return await signals.list_(
            means.database, state=state, user_id=user, organisation_id=organisation, most=most
        )

    found = do(work)
    if json:
        print_json([_as_json(signal) for signal in found])
        return
    rows = [(_id_and_whom(signal), _what(signal), _became(signal)) for signal in found]
    print_table("Signals", ("Id, about whom", "What, when, to whom", "State"), rows)


@commands.command("replay")
def replay(
    ids: Annotated[list[str] | None, typer.Argument(help="As `signals list` shows them.")] = None,
    state: Annotated[
        str, typer.Option("--state", help="Instead of ids: all that are in this state.")
    ] = "",
    organisation: Organisation = "",
    json: Json = False,
) -> None:
    """Send again, the oldest first; one that waits is sent at once. Receivers lose nothing by it.

    After a receiver's database was restored: `--state delivered` tells it all of 30 days again.
    """
    if bool(ids) == bool(state):
        raise typer.BadParameter("Name ids, or a --state.")
    if state and state not in STATES:
        raise typer.BadParameter(f"{state} is none of {', '.join(STATES)}")

    async def work(means: Means) -> list[str]:
        chosen = list(ids or ())
        if state:
            found = await signals.list_(
                means.database, state=state, organisation_id=organisation, most=MOST
            )
            chosen = [signal.id for signal in reversed(found)]
        async with means.database.transaction() as tx:
            return [await signals.replay(tx, one, means.now) for one in chosen]

    again = do(work)
    if json:
        print_json({"replayed": again})
    else:
        print_line(f"To be sent again: {len(again)}.")


def _waiting(one: signals.Delivery) -> str:
    since = _moment(one.waiting_since)
    return f"{one.waiting}, since\n{since}" if since else "0"


def _id_and_whom(signal: Signal) -> str:
    whom = f"user {signal.user_id}" if signal.user_id else f"organisation {signal.organisation_id}"
    return f"{signal.id}\n{whom}"


def _what(signal: Signal) -> str:
    return f"{signal.kind.value}\n{utc_text(signal.changed_at)}\n{signal.receiver}"


def _became(signal: Signal) -> str:
    """Waiting, delivered ...; with the reason where it is not delivered."""
    facts = [signal.state.value]
    if signal.state is State.WAITING and signal.attempts:
        facts.append(f"{signal.attempts} attempts")
    return "\n".join([*facts, *([signal.last_error] if signal.last_error else [])])


def _as_json(signal: Signal) -> dict[str, object]:
    return {
        "id": signal.id,
        "receiver": signal.receiver,
        "kind": signal.kind.value,
        "user_id": signal.user_id,
        "organisation_id": signal.organisation_id,
        "session_id": signal.session_id,
        "access_revision": signal.access_revision,
        "changed_at": signal.changed_at,
        "state": signal.state.value,
        "attempts": signal.attempts,
        "next_attempt_at": signal.next_attempt_at if signal.state is State.WAITING else None,
        "settled_at": signal.settled_at,
        "reason": signal.last_error,
    }


def _delivery_as_json(one: signals.Delivery) -> dict[str, object]:
    return {
        "receiver": one.receiver,
        "last_acknowledged_at": one.delivered_at,
        "waiting": one.waiting,
        "waiting_since": one.waiting_since,
        "failing_since": one.failing_since,
        "refused": one.refused,
        "reason": one.reason,
    }


def _moment(seconds: int | None) -> str | None:
    return None if seconds is None else utc_text(seconds)
