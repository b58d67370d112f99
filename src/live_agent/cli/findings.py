"""Findings as a terminal and as programs read them; and the environment files that are judged."""

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from kernel import cli
from live_agent.doctor.rules.finding import Finding, Said, Verdict, exit_code
from live_agent.doctor.rules.places import Place

MARKS = {
    Verdict.WRONG: "wrong",
    Verdict.NOT_REACHED: "not reached",
    Verdict.NOT_ASKED: "not asked",
    Verdict.OK: "ok",
}
Where = Callable[[Place], str]
SIDE = 11  # characters of a side's name


def usual_place(place: Place) -> str:
    """The Helm value that becomes the key; empty for what is no key of an environment."""
    return place.helm


def end_with(
    found: list[Finding], where: Where = usual_place, *, as_json: bool = False
) -> NoReturn:
    """What both commands end with: the findings, and the exit code that sums them up."""
    code = exit_code(found)
    if as_json:
        cli.print_json({"exit_code": code, "findings": _as_json(found, where)})
    else:
        for line in _as_text(found, where):
            cli.print_line(line)
    raise SystemExit(code)


def _as_json(found: list[Finding], where: Where) -> list[dict[str, Any]]:
    """The findings as `--json` has them."""
    return [
        {
            "check": finding.name,
            "verdict": finding.verdict.value,
            "what": finding.what,
            "fix": finding.remedy,
            "here": _said(finding.here, where),
            "there": _said(finding.there, where),
            "first_difference": finding.first_difference,
            "change": [_place(place, where) for place in finding.change],
        }
        for finding in found
    ]


def _said(said: Said | None, where: Where) -> dict[str, Any] | None:
    return None if said is None else {**_place(said.place, where), "value": said.value}


def _place(place: Place, where: Where) -> dict[str, str]:
    return {"side": place.system.value, "key": place.key, "helm": where(place)}


def _as_text(found: list[Finding], where: Where) -> list[str]:
    """What a person reads: the wrong ones in full, the others one line each."""
    lines = []
    for finding in found:
        lines.append(f"{MARKS[finding.verdict]:<12} {finding.name}: {finding.what}")
        if finding.verdict is Verdict.OK or not finding.change:
            continue
        lines += [f"  {line}" for line in _detail(finding, where)]
    wrong = sum(finding.is_wrong for finding in found)
    lost = sum(finding.verdict is Verdict.NOT_REACHED for finding in found)
    lines.append(f"{len(found)} checks: {wrong} wrong, {lost} not reached.")
    return lines


def _detail(finding: Finding, where: Where) -> list[str]:
    lines = []
    sides = [said for said in (finding.here, finding.there) if said is not None]
    for said in sides:
        if said.value is not None:
            lines.append(f"{said.place.system.value:<{SIDE}} {said.value}")
    at = finding.first_difference
    if at is not None:
        mark = "-" * (at - 1)
        lines.append(f"{'':<{SIDE}} {mark}^ character {at} is the first that differs")
    others = [said.place for said in sides if said.place not in finding.change]
    lines += [f"{'set by':<{SIDE}} {_named(place, where)}" for place in others]
    lines += [f"{'change':<{SIDE}} {_named(place, where)}" for place in finding.change]
    return [*lines, f"{'fix':<{SIDE}} {finding.remedy}"]


def _named(place: Place, where: Where) -> str:
    helm = where(place)
    return f"{place} (Helm: {helm})" if helm not in ("", place.key) else str(place)


def read_environment(path: Path) -> dict[str, str]:
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
