"""GET and POST /login/consent: may this application know this of me?

OpenID Connect Core section 3.1.2.4. Applications of the installation itself are registered with
`consent: implicit` and come here only with `prompt=consent`.
"""

from starlette.requests import Request
from starlette.responses import Response

from cognigy_ai.audit import actions as audit
from cognigy_ai.clients.scope_texts import SCOPE_TEXTS
from cognigy_ai.oauth.authorization import refused
from cognigy_ai.oauth.login_page import LOGIN
from cognigy_ai.oauth.proceed import proceed
from cognigy_ai.oauth.rules.next_step import Step
from cognigy_ai.oauth.step_pages import open_step
from cognigy_ai.problems import Problem
from cognigy_ai.state import state_of
from cognigy_ai.tokens import actions as tokens
from kernel.web.guards import form_of
from kernel.web.site import language_of, page


async def show_consent(request: Request) -> Response:
    """Who asks, and for what."""
    state = state_of(request)
    authorization, _ticket, session = await open_step(request, state.clock.now())
    language, pages = language_of(request), state.site.pages
    asked = authorization.request.scope.split()
    return page(
        request,
        "oauth/consent.html",
        form_targets=[authorization.request.redirect_uri],
        action=f"{request.url.path}?{request.url.query}",
        application=authorization.client.name,
        user=session.user,
        scopes=[pages.text(language, text) for name, text in SCOPE_TEXTS.items() if name in asked],
        other_href=f"{LOGIN}?{authorization.query_for_another_account()}",
    )


async def post_consent(request: Request) -> Response:
    """The decision; only the word `allow` allows."""
    state = state_of(request)
    now = state.clock.now()
    authorization, ticket, session = await open_step(request, now)
    asked, user = authorization.request, session.user
    if form_of(request).get("decision") != "allow":
        facts = {"client_id": asked.client_id, "user_id": user.id}
        raise refused(request, asked.redirect_uri, asked.state, Problem.ACCESS_DENIED, **facts)
    async with state.database.transaction() as tx:
        before = await tokens.find_consent(tx, user.id, asked.client_id)
        scope = " ".join(sorted(before | set(asked.scope.split())))
        await tokens.give_consent(tx, user.id, asked.client_id, scope, now)
        await audit.record(
            tx,
            "consent.given",
            now,
            reference=authorization.reference,
            user_id=user.id,
            organisation_id=user.organisation_id,
            client_id=asked.client_id,
            scope=scope,
        )
    secret = state.site.cookies.get(request, "session")
    return await proceed(request, authorization, secret, now, ticket.done | {Step.CONSENT})
