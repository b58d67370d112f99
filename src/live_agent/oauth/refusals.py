"""From a rule's refusal to the exception that ends the login."""

from kernel.problems import ProblemError
from live_agent.cognigy_api.rules.refusal import Refusal


def refusal_error(refusal: Refusal, step: str) -> ProblemError:
    """`step` tells the operator how far the login came."""
    return ProblemError(refusal.problem, refusal.fault, step=step, detail=refusal.detail)


def refuse_if(refusal: Refusal | None, step: str) -> None:
    """Raise what the rule found, if it found anything."""
    if refusal is not None:
        raise refusal_error(refusal, step)
