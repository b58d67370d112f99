"""`live-agent doctor`: which value, on which side, is wrong."""

import shlex
from pathlib import Path
from typing import Annotated, Any

import typer

from kernel import cli
from kernel.clock import SystemClock
from kernel.log import configure
from kernel.settings import SettingsError, load
from live_agent.doctor import actions as doctor
from live_agent.doctor.rules.finding import Finding, Said, Verdict
from live_agent.doctor.rules.places import Place
from live_agent.settings import Settings

MARKS = {
    Verdict.WRONG: "wrong",
    Verdict.NOT_REACHED: "not reached",
    Verdict.NOT_ASKED: "not asked",
    Verdict.OK: "ok",
}
Json = Annotated[bool, typer.Option("--json", help="For programs.")]
EnvironmentFile = Annotated[
    Path | None,
    typer.Option(
        "--env",
        metavar="FILE",
        help="Judge the environment in this file (KEY=VALUE lines, all of it) instead of the "
        "present one, before it is rolled out.",
    ),
]


def examine(json: Json = False, env: EnvironmentFile = None) -> None:
    """Ask both systems and compare their values pair by pair.

    Exit code 0: nothing is wrong; 1: something is; 2: nothing was found wrong, but not everything
    was reached.
    """
    environment = None if env is None else _read(env)
    configure("critical")
    try:
        settings = load(Settings, environment)
    except SettingsError as error:
        found = [doctor.refused_setting(one.key, one.fault, one.fix) for one in error.faults]
    else:
        found = cli.run(doctor.examine(settings, SystemClock()))
    if json:
        cli.print_json({"exit_code": doctor.exit_code(found), "findings": as_json(found)})
    else:
        for line in as_text(found):
            cli.print_line(line)
    raise SystemExit(doctor.exit_code(found))


def as_json(found: list[Finding]) -> list[dict[str, Any]]:
    """The findings as `--json` has them."""
    return [
        {
            "check": finding.name,
            "verdict": finding.verdict.value,
            "what": finding.what,
            "fix": finding.remedy,
            "here": _said(finding.here),
            "there": _said(finding.there),
            "first_difference": finding.first_difference,
            "change": [_place(place) for place in finding.change],
        }
        for finding in found
    ]


def _said(said: Said | None) -> dict[str, Any] | None:
    return None if said is None else {**_place(said.place), "value": said.value}


def _place(place: Place) -> dict[str, str]:
    return {"side": place.system.value, "key": place.key, "helm": place.helm}


def as_text(found: list[Finding]) -> list[str]:
    """What a person reads: the wrong ones in full, the others one line each."""
    lines = []
    for finding in found:
        lines.append(f"{MARKS[finding.verdict]:<12} {finding.name}: {finding.what}")
        if finding.verdict is Verdict.OK or not finding.change:
            continue
        lines += [f"  {line}" for line in _detail(finding)]
    wrong = sum(finding.is_wrong for finding in found)
    lost = sum(finding.verdict is Verdict.NOT_REACHED for finding in found)
    lines.append(f"{len(found)} checks: {wrong} wrong, {lost} not reached.")
    return lines


def _detail(finding: Finding) -> list[str]:
    lines = []
    for said in (finding.here, finding.there):
        if said is not None and said.value is not None:
            lines.append(f"{said.place.system.value:<11} {said.value}")
    at = finding.first_difference
    if at is not None:
        lines.append(f"{'':<11} {'-' * (at - 1)}^ character {at} is the first that differs")
    for place in finding.change:
        where = f" (Helm: {place.helm})" if place.helm else ""
        lines.append(f"change      {place}{where}")
    return [*lines, f"fix         {finding.remedy}"]


def _read(path: Path) -> dict[str, str]:
    """KEY=VALUE lines as `docker --env-file` and shells have them; nothing is carried out."""
    found = {}
    try:
        text = path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        cli.fail(f"{path} cannot be read: {type(error).__name__}.")
    for number, line in enumerate(text.splitlines(), start=1):
        line = line.strip().removeprefix("export ")
        if not line or line.startswith("#"):
            continue
        key, separator, value = line.partition("=")
        if not separator or not key.strip().isidentifier():
            cli.fail(f"Line {number} of {path} is not KEY=VALUE.")
        found[key.strip()] = _unquoted(value.strip())
    return found


def _unquoted(value: str) -> str:
    if value[:1] in ("'", '"') and value[-1:] == value[:1] and len(value) > 1:
        try:
            return "".join(shlex.split(value))
        except ValueError:
            return value
    return value
