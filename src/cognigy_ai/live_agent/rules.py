"""What is to be said of Live Agent in an organisation, and whether it may be set up."""

from dataclasses import dataclass
from enum import Enum, unique

from cognigy_ai.live_agent_api.rules import PASSING, AccountView
from cognigy_ai.organisations.rules import Organisation
from cognigy_ai.problems import LiveAgentFault, Problem


@unique
class SetUp(Enum):
    """The three states that the product is known for."""

    NOT_INSTALLED = "not_installed"  # the feature is off
    NOT_CONFIGURED = "not_configured"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Unreached:
    """Live Agent gave no usable answer."""

    fault: LiveAgentFault


Found = AccountView | Unreached | None


@unique
class Finding(Enum):
    """What Live Agent says about the number that is stored here."""

    AGREES = "agrees"
    SUSPENDED = "suspended"
    LOGIN_OFF = "login_off"
    DIFFERS = "differs"
    MISSING = "missing"
    NOT_CONFIGURED = "not_configured"  # neither here nor there
    NOT_NOTED = "not_noted"  # there, by the operator's command; not known here yet
    UNREACHED = "unreached"  # it passes by itself
    NOT_CONNECTED = "not_connected"  # somebody has to correct the configuration


def state_of_set_up(organisation: Organisation, *, feature_on: bool) -> SetUp:
    """Which of the three sentences is true."""
    if not feature_on:
        return SetUp.NOT_INSTALLED
    if organisation.live_agent_account is None:
        return SetUp.NOT_CONFIGURED
    return SetUp.DONE


def refusal(organisation: Organisation, *, feature_on: bool) -> Problem | None:
    """Why Live Agent may not be set up now, or None."""
    if organisation.suspended:
        return Problem.ORGANISATION_SUSPENDED
    return None if feature_on else Problem.LIVE_AGENT_NOT_INSTALLED


def compare(stored: int | None, found: Found) -> Finding:
    """The number that is stored against the account that Live Agent has.

    A login asks Live Agent alone, so an account that is only there lets people in.
    """
    if isinstance(found, Unreached):
        return Finding.UNREACHED if found.fault in PASSING else Finding.NOT_CONNECTED
    if found is None:
        return Finding.NOT_CONFIGURED if stored is None else Finding.MISSING
    if stored not in (None, found.id):
        return Finding.DIFFERS
    if found.suspended:
        return Finding.SUSPENDED
    if not found.oauth_login:
        return Finding.LOGIN_OFF
    return Finding.NOT_NOTED if stored is None else Finding.AGREES
