"""The platform's half of a login, in numbers."""

from kernel.metrics import Metrics, counter
from kernel.problems import ProblemError

STEPS = counter(
    "cognigy_ai_login_steps_total",
    "Logins by step: `authorize` (a request in order), `password`, `second_factor`, `code` "
    "(issued to the application), `token` (the code redeemed). `outcome` is `ok` or `refused` with "
    "its code as `reason`; `client` is the application, empty where it does not matter.",
    "step",
    "outcome",
    "reason",
    "fault",
    "client",
)
TOKENS = counter(
    "cognigy_ai_tokens_total", "Access tokens by the grant that they were given for.", "grant_type"
)


def passed(metrics: Metrics, step: str, client_id: str = "") -> None:
    """Applications are registered by operators: a short list."""
    metrics.count(STEPS, step, "ok", "", "", metrics.bounded("client", client_id))


def refused(metrics: Metrics, step: str, error: ProblemError) -> None:
    """The client that a refused request names may be anybody's word: it is left out."""
    fault = error.fault.code if error.fault else ""
    metrics.count(STEPS, step, "refused", error.problem.code, fault, "")
