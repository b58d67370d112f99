"""`live-agent lint`: both values files, or environments, judged before anything is installed."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from kernel import cli
from live_agent.cli.findings import end_with, read_environment
from live_agent.doctor.rules.places import Place
from live_agent.helm.places import COGNIGY_AI, LIVE_AGENT, Chart
from live_agent.helm.values import Given, of_environment, of_values
from live_agent.lint import actions

Json = Annotated[bool, typer.Option("--json", help="For programs.")]
Environments = Annotated[
    bool, typer.Option("--env", help="The files are environments (KEY=VALUE lines), not values.")
]
Mine = Annotated[Path, typer.Argument(help="Helm values of Live Agent.", metavar="LA_VALUES")]
Theirs = Annotated[Path, typer.Argument(help="Helm values of Cognigy.AI.", metavar="AI_VALUES")]


def lint(mine: Mine, theirs: Theirs, env: Environments = False, json: Json = False) -> None:
    """Judge both Helm values files together, without asking either system.

    Exit code 0: nothing is wrong; 1: something is.
    """
    read = _environment if env else _values
    live_agent, cognigy_ai = read(LIVE_AGENT, mine), read(COGNIGY_AI, theirs)
    found = actions.judge(live_agent, cognigy_ai)
    end_with(found, _where(live_agent, cognigy_ai), as_json=json)


def _where(live_agent: Given, cognigy_ai: Given) -> Callable[[Place], str]:
    """Where this very file has it; else where it would stand."""
    given = actions.places_in_values(live_agent, cognigy_ai)
    return lambda place: place.helm and given[place.system].places.get(place.key, place.helm)


def _environment(chart: Chart, path: Path) -> Given:
    return of_environment(chart, read_environment(path))


def _values(chart: Chart, path: Path) -> Given:
    values = _yaml(path)
    other = {LIVE_AGENT: COGNIGY_AI, COGNIGY_AI: LIVE_AGENT}[chart]
    if other.environment in values and chart.environment not in values:
        cli.fail(
            f"{path} has `{other.environment}`, so it is of {other.side}: "
            "first the values of Live Agent, then those of Cognigy.AI."
        )
    return of_values(chart, values)


def _yaml(path: Path) -> dict[str, Any]:
    """A refusal does not repeat the text, which may hold secrets."""
    try:
        values = yaml.safe_load(path.read_text())
    except (OSError, UnicodeDecodeError) as error:
        cli.fail(f"{path} cannot be read: {type(error).__name__}.")
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        at = f" at line {mark.line + 1}" if mark else ""
        cli.fail(f"{path} is not YAML{at}.")
    if values is None:
        return {}
    if not isinstance(values, dict):
        cli.fail(f"{path} holds no values.")
    return values
