"""From a request in order to its answer: a code at once, or the page that has to come before."""

from starlette.requests import Request
from starlette.responses import Response

from cognigy_ai import funnel
from cognigy_ai.oauth import ticket
from cognigy_ai.oauth.answers import code_url
from cognigy_ai.oauth.authorization import Authorization, refused
from cognigy_ai.oauth.login_page import LoginForm, show_login
from cognigy_ai.oauth.rules.next_step import (
    NOTHING_DONE,
    Situation,
    Step,
    asks_for_second_factor,
    next_step,
    silent_proof,
)
from cognigy_ai.problems import Problem
from cognigy_ai.second_factors import actions as second_factors
from cognigy_ai.sessions import actions as sessions
from cognigy_ai.sessions.rules import Session
from cognigy_ai.state import state_of
from cognigy_ai.tokens import actions as tokens
from cognigy_ai.tokens.rules import CodeOrder, Proof
from kernel.log import get_logger
from kernel.opaque import fingerprint
from kernel.web.guards import with_query
from kernel.web.site import see_other

log = get_logger(__name__)

PAGES = {Step.ACCOUNT: "/login/account", Step.CONSENT: "/login/consent"}


async def proceed(
    request: Request,
    authorization: Authorization,
    secret: str | None,
    now: int,
    done: frozenset[Step] = NOTHING_DONE,
) -> Response:
    """Answer the request of whoever holds the session `secret` and has `done` these steps.

    With a session that needs no page, everything is one statement (DESIGN section 8).
    """
    at = Situation(authorization.request, authorization.client, authorization.subject, done)
    proof = silent_proof(at, fingerprint(secret), now) if secret else None
    if proof is not None:
        url = await issue_code(request, authorization, proof, now)
        if url is not None:
            return see_other(url)
    database = state_of(request).database
    session = await sessions.find(database, secret, now)
    consented: frozenset[str] = frozenset()
    if session is not None and authorization.client.consent == "ask":
        consented = await tokens.find_consent(
            database, session.user.id, authorization.client.client_id
        )
    has_second_factor = (
        session is not None
        and asks_for_second_factor(at)
        and await second_factors.find(database, session.user.id) is not None
    )
    step = next_step(at, session, consented, now, has_second_factor=has_second_factor)
    if isinstance(step, Problem):
        asked = authorization.request
        facts = {"client_id": asked.client_id}
        raise refused(request, asked.redirect_uri, asked.state, step, **facts)
    if step is Step.LOGIN or session is None or secret is None:
        return show_login(request, LoginForm(authorization=authorization))
    if step is Step.CODE:
        return await _issue_for(request, authorization, secret, now)
    return see_other(page_url(request, authorization, step, session, done, now))


async def _issue_for(
    request: Request, authorization: Authorization, secret: str, now: int
) -> Response:
    """The rules were asked in Python: a consent to more scopes than these covers them too."""
    url = await issue_code(
        request, authorization, Proof(fingerprint(secret), consent_given=True), now
    )
    if url is None:
        # Ended in this very moment.
        return show_login(request, LoginForm(authorization=authorization))
    return see_other(url)


async def issue_code(
    request: Request, authorization: Authorization, proof: Proof, now: int
) -> str | None:
    """Where to send the browser with its code, or None if the session may not have one."""
    state, asked = state_of(request), authorization.request
    order = CodeOrder(
        client_id=asked.client_id,
        redirect_uri=asked.redirect_uri,
        redirect_uri_given=asked.redirect_uri_given,
        code_challenge=asked.code_challenge,
        nonce=asked.nonce,
        scope=asked.scope,
        reference=authorization.reference,
    )
    lifetime = state.settings.code_lifetime_seconds
    issued = await tokens.issue_code(state.database, order, proof, lifetime, now)
    if issued is None:
        return None
    code, user_id = issued
    funnel.passed(state.metrics, "code", asked.client_id)
    log.info(
        "code.issued",
        client_id=asked.client_id,
        user_id=user_id,
        reference=authorization.reference,
    )
    return code_url(asked, code, state.settings.issuer)


def page_url(
    request: Request,
    authorization: Authorization,
    step: Step,
    session: Session,
    done: frozenset[Step],
    now: int,
) -> str:
    """The page of a step, with the ticket that says what was done before it."""
    keyring = state_of(request).keyring
    sealed = ticket.seal(keyring, ticket.Ticket(authorization.given, session.id, done), now)
    return with_query(PAGES[step], ticket=sealed)
