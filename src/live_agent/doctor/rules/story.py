"""The story of one login: what both trails have of it, in words, in order of time."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kernel.languages import n_
from live_agent.doctor.rules.places import System
from live_agent.problems import Fault, Problem

REFERENCE = re.compile(r"[A-Z2-7]{12}")
MOST = 100
DONE, REFUSED, NOTED = "done", "refused", "noted"

HAPPENED = {
    (System.COGNIGY_AI, "login.done"): (DONE, n_("Logged in at Cognigy.AI")),
    (System.COGNIGY_AI, "login.refused"): (REFUSED, n_("Not let in at Cognigy.AI")),
    (System.COGNIGY_AI, "consent.given"): (DONE, n_("Agreed that the application may know them")),
    (System.COGNIGY_AI, "code.replayed"): (REFUSED, n_("A code was redeemed twice")),
    (System.LIVE_AGENT, "login.succeeded"): (DONE, n_("Logged in to Live Agent")),
    (System.LIVE_AGENT, "login.refused"): (REFUSED, n_("Not let in to Live Agent")),
    (System.LIVE_AGENT, "old_login.refused"): (REFUSED, n_("Refused at the old login")),
    (System.LIVE_AGENT, "user.created"): (DONE, n_("A user was made in Live Agent")),
    (System.LIVE_AGENT, "user.moved"): (DONE, n_("The old user moved to Cognigy.AI")),
    (System.LIVE_AGENT, "user.retired"): (DONE, n_("The old user was replaced")),
    (System.LIVE_AGENT, "link.begun"): (DONE, n_("Asked to prove the old account")),
    (System.LIVE_AGENT, "link.mailed"): (DONE, n_("A link to prove the old account was mailed")),
    (System.LIVE_AGENT, "link.cancelled"): (REFUSED, n_("Gave up proving the old account")),
    (System.LIVE_AGENT, "session.ended"): (NOTED, n_("A session ended")),
}
BECAUSE = {
    "password_wrong": n_("The password was wrong."),
    "password_missing": n_("The user has no password yet: the invitation was not accepted."),
    "user_disabled": n_("The user is disabled."),
    "organisation_suspended": n_("The organisation is suspended."),
    "locked": n_("There had been too many attempts."),
    "overtaken": n_("Something about the user changed meanwhile."),
    "unknown": n_("Nobody has that address."),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened. Texts are English; `context` fills them."""

    at: int
    system: System
    outcome: str
    text: str
    reason: str = ""
    remedy: str = ""  # for an administrator
    code: str = ""  # stable, for operators
    keys: tuple[str, ...] = ()
    context: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Happened:
    """A row of either trail."""

    at: int
    system: System
    event: str
    details: Mapping[str, Any]


def is_reference(text: str) -> bool:
    """Twelve letters and digits, as pages show them."""
    return REFERENCE.fullmatch(text) is not None


def cleaned(text: str) -> str:
    """As people copy and type it: blanks, dashes, small letters."""
    return re.sub(r"[\s-]", "", text).upper()


def told_by_platform(members: Mapping[str, Any]) -> list[Happened]:
    """The platform's answer; anything that is not as agreed is left out."""
    listed = members.get("events")
    rows = [row for row in listed if isinstance(row, dict)] if isinstance(listed, list) else []
    return [
        Happened(row["at"], System.COGNIGY_AI, row["event"], row.get("details") or {})
        for row in rows[:MOST]
        if isinstance(row.get("at"), int)
        and isinstance(row.get("event"), str)
        and isinstance(row.get("details"), dict | None)
    ]


def steps(happened: Iterable[Happened]) -> list[Step]:
    """In order of time; within a second the platform comes first, as in a login."""
    found = [step(one) for one in happened]
    return sorted(found, key=lambda one: (one.at, one.system is System.LIVE_AGENT))


def step(one: Happened) -> Step:
    """One row, in words."""
    outcome, text = HAPPENED.get((one.system, one.event), (NOTED, one.event))
    problem = Problem.__members__.get(str(one.details.get("problem") or "").upper())
    fault = Fault.__members__.get(str(one.details.get("fault") or "").upper())
    because = str(one.details.get("because") or one.details.get("reason") or "")
    if problem is None:
        reason = BECAUSE.get(because, because)
        return Step(one.at, one.system, outcome, text, reason, code=because)
    return Step(
        one.at,
        one.system,
        outcome,
        text,
        reason=problem.spec.title,
        remedy=problem.spec.admin_text,
        code=fault.code if fault else problem.code,
        keys=fault.spec.keys if fault else (),
        context={"organisation": one.details.get("organisation") or "?"},
    )


def hint_of(step: Step) -> str:
    """What an operator checks."""
    fault = Fault.__members__.get(step.code.upper())
    if fault is not None:
        return fault.spec.hint
    problem = Problem.__members__.get(step.code.upper())
    return problem.spec.operator_hint if problem is not None else ""


def visible(happened: Sequence[Happened], own: Sequence[bool | None]) -> list[Happened]:
    """What of a login the administrator of one account may see.

    `own` says of each row of Live Agent whether it is of that account (None: of no account).
    A row of no account is theirs only where something else of the same login is.
    """
    theirs = any(one is True for one in own) or any(
        row.system is System.COGNIGY_AI for row in happened
    )
    mine = iter(own)
    found = []
    for row in happened:
        if row.system is System.COGNIGY_AI:
            found.append(row)
            continue
        whose = next(mine)
        if whose is True or (whose is None and theirs):
            found.append(row)
    return found
