"""One judgement: what was compared, what each side has, which key to change and how."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from itertools import zip_longest

from kernel.problems import filled
from live_agent.doctor.rules.places import Place


class Verdict(Enum):
    """In the order in which findings are shown."""

    WRONG = "wrong"
    NOT_REACHED = "not_reached"  # could not be judged: somebody did not answer
    NOT_ASKED = "not_asked"  # does not apply here, or was not given
    OK = "ok"


@dataclass(frozen=True, slots=True)
class Said:
    """What one side says, and where that is set. `value` is None for a secret or what is unset."""

    place: Place
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """`text` and `fix` are English and may hold `{fields}` of `context`: see `what` and `remedy`.

    `change` are the places to set right: one where it can be told which side is wrong.
    """

    check: str
    verdict: Verdict
    text: str
    context: Mapping[str, object] = field(default_factory=dict)
    here: Said | None = None
    there: Said | None = None
    change: tuple[Place, ...] = ()
    fix: str = ""
    subject: str = ""  # which of several: an endpoint, an account

    @property
    def name(self) -> str:
        """Unique within a report."""
        return f"{self.check}:{self.subject}" if self.subject else self.check

    @property
    def what(self) -> str:
        return filled(self.text, self.context)

    @property
    def remedy(self) -> str:
        return filled(self.fix, self.context)

    @property
    def is_wrong(self) -> bool:
        return self.verdict is Verdict.WRONG

    @property
    def first_difference(self) -> int | None:
        """The number of the first character, from 1, in which both values differ."""
        if self.here is None or self.there is None:
            return None
        if self.here.value is None or self.there.value is None:
            return None
        return first_difference(self.here.value, self.there.value)


def first_difference(one: str, other: str) -> int | None:
    """From 1; None for equal texts."""
    for number, (a, b) in enumerate(zip_longest(one, other), start=1):
        if a != b:
            return number
    return None


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Wrong ones first; otherwise as they were found."""
    verdicts = list(Verdict)
    return sorted(findings, key=lambda finding: verdicts.index(finding.verdict))


def exit_code(findings: Iterable[Finding]) -> int:
    """0: nothing is wrong; 1: something is; 2: nothing was found wrong, but not all was reached."""
    verdicts = {finding.verdict for finding in findings}
    if Verdict.WRONG in verdicts:
        return 1
    return 2 if Verdict.NOT_REACHED in verdicts else 0
