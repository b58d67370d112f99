"""The one shape of every expected failure in both applications."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True)
class ProblemSpec:
    """What one failure says to each of its readers. Pages, API, logs and help are made from it.

    `title` is what happened, one sentence, and may hold `{fields}` of the error's context.
    `user_text` is what the person can do, `admin_text` what an administrator can do and
    `operator_hint` what an operator checks. `oauth_error` is the code of RFC 6749 (or OpenID
    Connect), given where the failure is answered by protocol; `redirectable` says that it may
    travel to the client's redirect URI.
    """

    status: int
    title: str
    user_text: str
    admin_text: str = ""
    operator_hint: str = ""
    oauth_error: str | None = None
    redirectable: bool = True
    has_help: bool = False


class ProblemCatalogue(Enum):
    """Base for each application's `Problem` enum; the lower-case member name is the stable code."""

    @property
    def spec(self) -> ProblemSpec:
        value = self.value
        assert isinstance(value, ProblemSpec)
        return value

    @property
    def code(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class FaultSpec:
    """A precise reason below a problem: for the operator's log, metric label and doctor."""

    hint: str
    keys: tuple[str, ...] = ()


class FaultCatalogue(Enum):
    """Base for the precise reasons of a problem such as `oauth_configuration`."""

    @property
    def spec(self) -> FaultSpec:
        value = self.value
        assert isinstance(value, FaultSpec)
        return value

    @property
    def code(self) -> str:
        return self.name.lower()


class ProblemError(Exception):
    """An expected refusal; anything else that escapes a route is a bug and a plain 500.

    `fault` is the precise reason where the catalogue has one. `context` goes to the log and fills
    the `{fields}` of the title; it must never hold a secret.
    """

    def __init__(
        self,
        problem: ProblemCatalogue,
        fault: FaultCatalogue | None = None,
        *,
        retry_after: int | None = None,
        **context: object,
    ) -> None:
        super().__init__(problem.code)
        self.problem = problem
        self.fault = fault
        self.retry_after = retry_after
        self.context = context


def titles(catalogue: type[ProblemCatalogue]) -> Iterator[str]:
    """Every text of a catalogue, for the translation catalogues' completeness test."""
    for member in catalogue:
        spec = member.spec
        yield from (t for t in (spec.title, spec.user_text, spec.admin_text) if t)


def filled(text: str, context: Mapping[str, object]) -> str:
    """`{organisation}` and the like; what the context does not have stays as it is written."""
    for name, value in context.items():
        text = text.replace("{" + name + "}", str(value))
    return text
