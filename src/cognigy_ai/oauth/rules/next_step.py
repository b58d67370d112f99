"""What has to happen before a code may be issued (OpenID Connect Core sections 3.1.2.1 to 3.1.2.4).

Login, choice of account, consent, code: in this order.
"""

from dataclasses import dataclass
from enum import Enum, unique

from cognigy_ai.clients.rules import Client
from cognigy_ai.oauth.rules.authorization_request import AuthorizationRequest
from cognigy_ai.oauth.rules.claims import TWO_FACTORS, acr_of
from cognigy_ai.problems import Problem
from cognigy_ai.sessions.rules import Session
from cognigy_ai.tokens.rules import Proof


@unique
class Step(Enum):
    """What the person is asked next; CODE is the end."""

    LOGIN = "login"
    ACCOUNT = "account"
    CONSENT = "consent"
    CODE = "code"


# Whoever has typed a password has also chosen the account.
LOGGED_IN = frozenset([Step.LOGIN, Step.ACCOUNT])
NOTHING_DONE: frozenset[Step] = frozenset()
STEP_OF_PROMPT = {
    "login": Step.LOGIN,
    "select_account": Step.ACCOUNT,
    "consent": Step.CONSENT,
}


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known when the next step is decided."""

    request: AuthorizationRequest
    client: Client
    subject: str  # of a verified id_token_hint; empty: anybody
    done: frozenset[Step]  # by this person, for this request


def silent_proof(at: Situation, session_fingerprint: str, now: int) -> Proof | None:
    """What a session has to prove to get a code without any page; None: a page it has to be."""
    if asked_for(at) or (at.request.max_age == 0 and Step.LOGIN not in at.done):
        return None
    if asks_for_second_factor(at):
        return None  # whether the person has one is not known here
    return Proof(
        session_fingerprint=session_fingerprint,
        oldest_auth_time=_oldest_auth_time(at, now),
        subject=at.subject,
        organisation_id=at.request.organisation_id,
        consent_given=at.client.consent == "implicit" or Step.CONSENT in at.done,
    )


def next_step(
    at: Situation,
    session: Session | None,
    consented: frozenset[str],
    now: int,
    *,
    has_second_factor: bool = False,
) -> Step | Problem:
    """The first step that is not done, or the refusal where no page may be shown."""
    silent = "none" in at.request.prompt
    asked = asked_for(at)
    if session is not None and has_second_factor and not silent and _is_too_weak(at, session):
        return Step.LOGIN
    if session is None or Step.LOGIN in asked or not _fits(at, session, now):
        # A second login would end the same way: somebody else than the client expects.
        return Problem.LOGIN_REQUIRED if silent or Step.LOGIN in at.done else Step.LOGIN
    if Step.ACCOUNT in asked:
        return Step.ACCOUNT
    if Step.CONSENT in asked or not _has_consent(at, consented):
        return Problem.CONSENT_REQUIRED if silent else Step.CONSENT
    return Step.CODE


def asked_for(at: Situation) -> frozenset[Step]:
    """The steps that `prompt` demands and that are not done."""
    demanded = {STEP_OF_PROMPT[p] for p in at.request.prompt if p in STEP_OF_PROMPT}
    return frozenset(demanded - at.done)


def asks_for_second_factor(at: Situation) -> bool:
    """Does the client prefer a login with two factors? A voluntary claim (Core 3.1.2.1, 5.5.1.1):

    who has a second factor is asked for it, everybody else logs in as always.
    """
    return at.request.acr_values[:1] == (TWO_FACTORS,) and Step.LOGIN not in at.done


def _is_too_weak(at: Situation, session: Session) -> bool:
    return asks_for_second_factor(at) and acr_of(session.amr) != TWO_FACTORS


def _fits(at: Situation, session: Session, now: int) -> bool:
    """Fresh enough, and the person whom the client means."""
    if session.auth_time < _oldest_auth_time(at, now):
        return False
    if at.request.max_age == 0 and Step.LOGIN not in at.done:
        return False
    wanted = at.request.organisation_id
    return at.subject in ("", session.user.id) and wanted in ("", session.user.organisation_id)


def _oldest_auth_time(at: Situation, now: int) -> int:
    if at.request.max_age is None or Step.LOGIN in at.done:
        return 0
    return now - at.request.max_age


def _has_consent(at: Situation, consented: frozenset[str]) -> bool:
    if at.client.consent == "implicit" or Step.CONSENT in at.done:
        return True
    return set(at.request.scope.split()) <= consented
