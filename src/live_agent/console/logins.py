"""Settings → Logins: who was refused lately, and what became of a login, by its reference."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from kernel.audit.rules import EventFilter
from kernel.languages import Say
from kernel.problems import ProblemError, filled
from kernel.web.forms import read_query
from kernel.web.guards import with_query
from kernel.web.site import say_of
from live_agent.audit import actions as audit
from live_agent.console.settings_frame import settings_page
from live_agent.doctor import stories
from live_agent.doctor.rules.story import DONE, REFUSED, Step
from live_agent.guards import check_account
from live_agent.problems import Problem
from live_agent.state import state_of

BADGES = {DONE: "success", REFUSED: "danger"}
LATELY_SECONDS = 7 * 86_400
MOST = 20


@dataclass(frozen=True, slots=True)
class StepView:
    """One line of the story, in the reader's language."""

    at: int
    system: str
    badge: str
    text: str
    reason: str
    remedy: str


@dataclass(frozen=True, slots=True)
class RefusalView:
    """One refused login, which leads to its story."""

    at: int
    who: str  # empty: nobody who has a user here
    reason: str
    reference: str
    href: str


async def show_login_story(request: Request) -> Response:
    """GET /app/accounts/{id}/settings/logins: the own account's logins, and no other one's."""
    state, session = state_of(request), check_account(request)
    asked = stories.cleaned(read_query(request).get("reference", ""))[:40]
    story, refused = None, list[RefusalView]()
    if stories.is_reference(asked):
        if wait := await state.look_ups.count_on_page(str(session.account_id)):
            raise ProblemError(Problem.LOOK_UPS_TOO_MANY, retry_after=wait)
        story = await state.checkups.story(session.account_id, asked)
    else:
        refused = await _refused_lately(request, session.account_id)
    say = say_of(request)

    def view(step: Step) -> StepView:
        return StepView(
            at=step.at,
            system=step.system.value,
            badge=BADGES.get(step.outcome, "neutral"),
            text=say(step.text),
            reason=_said(step.reason, step, say),
            remedy=_said(step.remedy, step, say),
        )

    return settings_page(
        request,
        "console/logins.html",
        "logins",
        reference=asked,
        malformed=bool(asked) and story is None,
        refused=refused,
        steps=[view(step) for step in story.steps] if story else [],
        searched=story is not None,
        platform_told=story is None or story.platform_told,
        path=request.url.path,
    )


async def _refused_lately(request: Request, account_id: int) -> list[RefusalView]:
    state, say = state_of(request), say_of(request)
    refused = EventFilter(event="login.refused", since=state.clock.now() - LATELY_SECONDS)
    page = await audit.TRAIL.list_events(state.database, account_id, refused, limit=MOST)
    return [
        RefusalView(
            at=step.at,
            who=event.user_name or "",
            reason=_said(step.reason, step, say),
            reference=event.reference,
            href=with_query(request.url.path, reference=event.reference),
        )
        for event in page.events
        if event.reference
        for step in [stories.step_of(event)]
    ]


def _said(text: str, step: Step, say: Say) -> str:
    """A text of the step; an empty one must not be asked of a catalogue, which answers it."""
    return filled(say(text), step.context) if text else ""
