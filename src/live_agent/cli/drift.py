"""`live-agent drift`: what differs from the platform, and taking it over."""

from typing import Annotated, Any

import typer

from kernel.cli import fail, print_json, print_line, print_table
from kernel.clock import SystemClock, utc_text
from kernel.opaque import new_reference
from live_agent.accounts import actions as accounts
from live_agent.accounts.rules import Account
from live_agent.cli.means import Means, do
from live_agent.cognigy_api.directory import Directory
from live_agent.cognigy_api.provider import Provider
from live_agent.drift import actions as drift
from live_agent.drift.actions import Report, Settled
from live_agent.drift.rules import Difference
from live_agent.platform_people.actions import Readings

Number = Annotated[int, typer.Option("--account", help="Number of the account.")]
Json = Annotated[bool, typer.Option("--json", help="For programs.")]
TakeOver = Annotated[
    bool, typer.Option("--settle", help="Take over what the platform says, for everybody.")
]


def show_drift(account: Number, settle: TakeOver = False, json: Json = False) -> None:
    """Ask the platform, and say where people differ. Without --settle nothing is changed.

    Exit code 1 if the platform did not answer.
    """

    async def work(means: Means) -> tuple[Report, Settled | None]:
        found = await accounts.find(means.database, account)
        if found is None:
            fail(f"There is no account {account}.")
        if found.organisation_id is None:
            fail("The account has no organisation: nobody logs in there with the platform.")
        await _read(means, found)
        report = await drift.report(means.database, found, means.settings.issuer, means.now)
        if report.reading.read_at is None or report.reading.failure is not None:
            why = report.reading.failure
            fail(f"The platform's people were not read. {why.value if why else ''}".rstrip())
        if not settle:
            return report, None
        settled = await drift.settle(means, found, None, new_reference(), means.now)
        return report, settled

    report, settled = do(work)
    if json:
        print_json(_as_json(report, settled))
        return
    _tell(report, settled)


async def _read(means: Means, account: Account) -> None:
    clock = SystemClock()
    provider = Provider(means.settings, clock)
    readings = Readings(
        means.database,
        clock,
        Directory(means.settings, clock, provider),
        means.settings.role_map(),
    )
    try:
        await readings.read_now(account, newer_than=0)
    finally:
        await readings.close()
        await provider.close()


def _as_json(report: Report, settled: Settled | None) -> dict[str, Any]:
    assert report.reading.read_at is not None
    return {
        "read_at": utc_text(report.reading.read_at),
        "differences": [
            {
                "user_id": one.id or None,
                "subject": one.person.subject if one.person else None,
                "email": one.email,
                "lines": [
                    {"kind": line.kind.code, "here": line.here, "there": line.there}
                    for line in one.lines
                ],
            }
            for one in report.differences
        ],
        "settled": None if settled is None else settled.done,
        "overtaken": None if settled is None else settled.overtaken,
    }


def _tell(report: Report, settled: Settled | None) -> None:
    rows = [row for one in report.differences for row in _rows(one)]
    columns = ("Person", "What differs", "Here", "In Cognigy.AI", "Taking it over")
    print_table("Differences", columns, rows, empty="No differences.")
    if settled is not None:
        print_line(
            f"Taken over: {settled.done}. "
            f"Changed meanwhile, the last administrator, or not taken over: {settled.overtaken}."
        )
    elif report.settleable:
        print_line(f"Nothing was changed. --settle would change: {len(report.settleable)}.")


def _rows(one: Difference) -> list[tuple[str, ...]]:
    return [
        (one.email, line.kind.spec.text, line.here, line.there, line.kind.spec.effect)
        for line in one.lines
    ]
