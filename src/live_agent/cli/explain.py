"""`live-agent explain REFERENCE`: what became of one login, on both systems."""

from typing import Annotated, Any

import typer

from kernel import cli
from kernel.clock import SystemClock, utc_text
from kernel.problems import filled
from live_agent.cli.means import Means, do
from live_agent.doctor import stories
from live_agent.doctor.questions import Lines, Questions
from live_agent.doctor.rules.story import Step

Reference = Annotated[str, typer.Argument(help="The reference on the person's page, or in a log.")]
Json = Annotated[bool, typer.Option("--json", help="For programs.")]


def explain(reference: Reference, json: Json = False) -> None:
    """The story of one login over both systems: each step, its time, outcome and reason."""
    wanted = stories.cleaned(reference)
    if not stories.is_reference(wanted):
        cli.fail("A reference has twelve letters and digits from 2 to 7.")

    async def work(means: Means) -> stories.Story:
        lines = Lines(means.settings)
        try:
            questions = Questions(means.settings, SystemClock(), lines)
            return await stories.of(questions, means.database, wanted)
        finally:
            await lines.close()

    story = do(work)
    if json:
        told = {"reference": wanted, "platform_told": story.platform_told}
        cli.print_json({**told, "steps": [_as_json(step) for step in story.steps]})
        return
    for step in story.steps:
        for line in _lines(step):
            cli.print_line(line)
    if not story.steps:
        cli.print_line("Neither audit trail has this reference.")
        cli.print_line("A login that ended before its code was redeemed is in the logs only:")
        cli.print_line(f"  look for {wanted} in the log of both systems.")
    if not story.platform_told:
        cli.print_line("Cognigy.AI did not tell its part: see `live-agent doctor`.")


def _lines(step: Step) -> list[str]:
    reason = filled(step.reason, step.context)
    head = f"{utc_text(step.at)}  {step.system.value:<10}  {step.outcome:<7}  {step.text}"
    details = [f"reason   {reason}"] if reason else []
    if step.outcome == "refused":
        if step.code and step.code != reason:
            details.append(f"code     {step.code}")
        if step.keys:
            details.append(f"keys     {', '.join(step.keys)}")
        if hint := stories.hint_of(step):
            details.append(f"check    {hint}")
    return [head, *(" " * 22 + line for line in details)]


def _as_json(step: Step) -> dict[str, Any]:
    return {
        "at": utc_text(step.at),
        "system": step.system.value,
        "outcome": step.outcome,
        "what": step.text,
        "reason": filled(step.reason, step.context),
        "code": step.code,
        "keys": list(step.keys),
        "check": stories.hint_of(step),
    }
