"""The funnel of a login with Cognigy.AI, in numbers: where people are lost, why, and of whom."""

from kernel.metrics import UNKNOWN, Metrics, counter, histogram
from kernel.problems import ProblemError
from live_agent.problems import Problem

STEPS = counter(
    "live_agent_login_steps_total",
    "Logins by the step that they reached, in this order: `start`, `redirect` (on the way to the "
    "login page), `callback`, `token`, `user` (who it is), `organisation`, `role`, `session`; the "
    "organisation is known from there on. "
    "`outcome` is `ok`, `refused` with its code as `reason` and the precise `fault` if there is "
    "one, `again` where an old answer began anew, or `waiting` for the proof of an old account.",
    "step",
    "outcome",
    "reason",
    "fault",
    "organisation",
)
SECONDS = histogram(
    "live_agent_login_seconds",
    "From the way to the login page until the session, with the time that the person takes there.",
    buckets=(1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0),
)
# What a refusal names as its step, in `ProblemError.context`.
STEP_OF_CONTEXT = {
    "start": "start",
    "discovery": "redirect",
    "callback": "callback",
    "token": "token",
    "jwks": "token",
    "id_token": "token",
    "userinfo": "user",
    "claims": "user",
}
STEP_OF_PROBLEM = {
    Problem.ORGANISATION_NOT_FOUND: "organisation",
    Problem.ORGANISATION_SUSPENDED: "organisation",
    Problem.USER_NOT_AUTHORISED: "role",
}
NOBODYS = frozenset(["", "-"])


def passed(metrics: Metrics, *steps: str, organisation: str = "") -> None:
    """The login reached these steps."""
    who = metrics.bounded("organisation", organisation)
    for step in steps:
        metrics.count(STEPS, step, "ok", "", "", who)


def entered(metrics: Metrics, organisation: str | None, seconds: int) -> None:
    """Signed in: organisation and role were right."""
    passed(metrics, "organisation", "role", "session", organisation=organisation or "")
    metrics.observe(SECONDS, max(0, seconds))


def waits(metrics: Metrics, organisation: str | None) -> None:
    """An old account has to be proved before there is a session."""
    passed(metrics, "organisation", "role", organisation=organisation or "")
    who = metrics.bounded("organisation", organisation or "")
    metrics.count(STEPS, "session", "waiting", Problem.LINK_CONFIRMATION.code, "", who)


def began_again(metrics: Metrics) -> None:
    """An answer of a login that is over: the back button, a second click, an old tab."""
    metrics.count(STEPS, "callback", "again", "", "", "")


def refused(metrics: Metrics, error: ProblemError) -> None:
    """The login ended: at which step and why, as precisely as the catalogue has it."""
    organisation = str(error.context.get("organisation", ""))
    context = str(error.context.get("step", ""))
    default = "session" if organisation else "callback"
    step = STEP_OF_CONTEXT.get(context) or default
    if isinstance(error.problem, Problem):
        step = STEP_OF_PROBLEM.get(error.problem, step)
    fault = error.fault.code if error.fault else ""
    if error.problem is Problem.ORGANISATION_NOT_FOUND:
        who = UNKNOWN  # a name that is in none of our lists would push another one out
    else:
        who = "" if organisation in NOBODYS else metrics.bounded("organisation", organisation)
    metrics.count(STEPS, step, "refused", error.problem.code, fault, who)
