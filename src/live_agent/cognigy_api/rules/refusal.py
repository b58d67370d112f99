"""Why a login stops: what the person is told, and precisely why."""

from dataclasses import dataclass

from live_agent.problems import Fault, Problem

LONGEST_DETAIL = 200


@dataclass(frozen=True, slots=True)
class Refusal:
    """`detail` is for the operator: never a secret, a token or an inner address."""

    problem: Problem
    fault: Fault | None = None
    detail: str = ""


def misconfigured(fault: Fault, detail: str = "") -> Refusal:
    """`oauth_configuration` with its precise reason."""
    return Refusal(Problem.OAUTH_CONFIGURATION, fault, detail)


def quotable(text: object) -> str:
    """What somebody else wrote, fit to stand in our log: one line, short, printable ASCII."""
    if not isinstance(text, str):
        return type(text).__name__
    return "".join(c if c.isascii() and c.isprintable() else "?" for c in text[:LONGEST_DETAIL])
