"""GET and POST /login/organisation: in which of the organisations whose password was proved?

Asked only after the proof, and only where the password fits users of several: nobody learns from
an address alone where a person has an account.
"""

from starlette.requests import Request
from starlette.responses import Response

from cognigy_ai.oauth.entry.visit import Visit, answer, arrival_of, open_visit, step_page
from cognigy_ai.sessions import entry as entries
from cognigy_ai.sessions.steps import EntryStep
from cognigy_ai.state import state_of
from kernel.languages import n_
from kernel.web.guards import form_of
from kernel.web.site import language_of

CHOOSE_ONE = n_("Choose one of your organisations.")


async def show_organisation_choice(request: Request) -> Response:
    """The names, by name."""
    return _page(request, await open_visit(request, EntryStep.ORGANISATION))


async def post_organisation_choice(request: Request) -> Response:
    """That one; any other is none of theirs."""
    visit = await open_visit(request, EntryStep.ORGANISATION)
    chosen = form_of(request).get("organisation", "")
    done = await entries.choose(
        state_of(request).login, visit.place, chosen, arrival_of(request), visit.now
    )
    if done is None:
        return _page(request, visit, 400, CHOOSE_ONE)
    return await answer(request, visit.given, visit.authorization, done, visit.now)


def _page(request: Request, visit: Visit, status: int = 200, error: str = "") -> Response:
    people = sorted(visit.place.people, key=lambda user: user.organisation_name.casefold())
    return step_page(
        request,
        visit,
        "oauth/organisation.html",
        status,
        organisations=[(user.organisation_id, user.organisation_name) for user in people],
        error=state_of(request).site.pages.text(language_of(request), error),
    )
