"""Why somebody can or cannot log in to Live Agent, and what a role changes about it.

The chain is the one that a login goes through: the platform's own questions first, then those that
Live Agent asks of the ID token.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import Enum, unique

from cognigy_ai.live_agent.rules import Finding
from cognigy_ai.roles.rules import Permission, permissions_of

# What each global role is in Live Agent (contract of the products; rights of several add up).
IN_LIVE_AGENT = {
    "admin": "administrator",
    "liveAgentAdmin": "administrator",
    "liveAgentSupervisor": "supervisor",
    "liveAgentAgent": "agent",
}
RIGHTS = ("administrator", "supervisor", "agent")


@unique
class Verdict(Enum):
    """What a link of the chain does to the login."""

    FINE = "fine"
    NOTE = "note"  # does not stop it; there is something to know
    WRONG = "wrong"
    UNKNOWN = "unknown"


@unique
class Question(Enum):
    """The links, in the order of a login."""

    STATE = "state"
    PASSWORD = "password"  # noqa: S105 - a name
    EMAIL = "email"
    ORGANISATION = "organisation"
    FEATURE = "feature"
    ACCOUNT = "account"
    ROLES = "roles"


@dataclass(frozen=True, slots=True)
class Link:
    """One question with its answer; `answer` is a word that the page has a text for."""

    question: Question
    answer: str
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known. `finding` is what Live Agent says of the organisation's account."""

    disabled: bool
    has_password: bool
    must_change_password: bool
    email_verified: bool
    suspended: bool
    feature_on: bool
    finding: Finding | None  # none: not asked
    roles: tuple[str, ...]


_ACCOUNT = {
    Finding.AGREES: Verdict.FINE,
    Finding.DIFFERS: Verdict.NOTE,
    Finding.SUSPENDED: Verdict.WRONG,
    Finding.LOGIN_OFF: Verdict.WRONG,
    Finding.MISSING: Verdict.WRONG,
    Finding.NOT_CONFIGURED: Verdict.WRONG,
    Finding.NOT_NOTED: Verdict.NOTE,
    Finding.UNREACHED: Verdict.UNKNOWN,
    Finding.NOT_CONNECTED: Verdict.UNKNOWN,  # people log in without the platform token
}


def chain(facts: Facts) -> tuple[Link, ...]:
    """Every question with its answer."""
    return (
        _yes_or_no(Question.STATE, "disabled" if facts.disabled else "active", facts.disabled),
        _password(facts),
        _email(facts),
        _yes_or_no(
            Question.ORGANISATION, "suspended" if facts.suspended else "active", facts.suspended
        ),
        _yes_or_no(Question.FEATURE, "on" if facts.feature_on else "off", not facts.feature_on),
        _account(facts),
        _roles(facts),
    )


def outcome(links: Iterable[Link]) -> Verdict:
    """FINE: can log in. WRONG: cannot. UNKNOWN: nothing is wrong that is known."""
    verdicts = {link.verdict for link in links}
    if Verdict.WRONG in verdicts:
        return Verdict.WRONG
    return Verdict.UNKNOWN if Verdict.UNKNOWN in verdicts else Verdict.FINE


def rights_of(roles: Collection[str]) -> tuple[str, ...]:
    """What the roles are in Live Agent, the most first; none: no way in."""
    found = {IN_LIVE_AGENT[role] for role in roles if role in IN_LIVE_AGENT}
    return tuple(right for right in RIGHTS if right in found)


@dataclass(frozen=True, slots=True)
class Change:
    """What taking or giving one role changes: in Live Agent, and in this Admin Center."""

    rights: tuple[str, ...]  # lost or won in Live Agent
    left: tuple[str, ...]  # what the person is there afterwards
    permissions: tuple[Permission, ...]  # lost or won here


def change_of(roles: Collection[str], role: str) -> Change:
    """Taking the role if it is among `roles`, giving it otherwise."""
    others = set(roles) - {role}
    less, more = rights_of(others), rights_of({*others, role})
    permissions = permissions_of({*others, role}) - permissions_of(others)
    return Change(
        rights=tuple(right for right in more if right not in less),
        left=less if role in roles else more,
        permissions=tuple(permission for permission in Permission if permission in permissions),
    )


def _yes_or_no(question: Question, answer: str, wrong: bool) -> Link:  # noqa: FBT001 - a verdict
    return Link(question, answer, Verdict.WRONG if wrong else Verdict.FINE)


def _password(facts: Facts) -> Link:
    if not facts.has_password:
        return Link(Question.PASSWORD, "missing", Verdict.WRONG)
    if facts.must_change_password:
        return Link(Question.PASSWORD, "must_change", Verdict.NOTE)
    return Link(Question.PASSWORD, "set", Verdict.FINE)


def _email(facts: Facts) -> Link:
    if facts.email_verified:
        return Link(Question.EMAIL, "verified", Verdict.FINE)
    return Link(Question.EMAIL, "unverified", Verdict.NOTE)


def _account(facts: Facts) -> Link:
    if facts.finding is None:
        return Link(Question.ACCOUNT, "not_asked", Verdict.UNKNOWN)
    return Link(Question.ACCOUNT, facts.finding.value, _ACCOUNT[facts.finding])


def _roles(facts: Facts) -> Link:
    rights = rights_of(facts.roles)
    if not rights:
        return Link(Question.ROLES, "none", Verdict.WRONG)
    return Link(Question.ROLES, "some", Verdict.FINE)
