"""Where people are signed in: Settings → Sessions, one person's, and one's own in the profile."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from kernel.devices import device_of, device_words
from kernel.languages import n_
from kernel.problems import ProblemError
from kernel.web.forms import read_query
from kernel.web.guards import form_of, with_query
from kernel.web.site import reference_of_request, say_of, see_other
from live_agent.agents.rules import Right
from live_agent.console.person_frame import get_person, person_address, person_page
from live_agent.console.settings_frame import settings_address, settings_page
from live_agent.guards import check_account
from live_agent.pages import account_address, page_number
from live_agent.problems import Problem
from live_agent.sessions import ends, places
from live_agent.sessions.places import AT_ONCE, EVERYBODY, By, Ended
from live_agent.sessions.rules import Place, Session
from live_agent.state import state_of

PLACE = "sessions"
LONGEST_SEARCH = 200
METHODS = {"cognigy": "Cognigy.AI", "old": n_("old password"), "break_glass": n_("break-glass")}
DONE = {
    "one": n_("The session has ended."),
    "all": n_("The sessions have ended."),
    "token": n_("The API token has ended."),
    "gone": n_("There was nothing left to end."),
}


@dataclass(frozen=True, slots=True)
class PlaceView:
    """One line of a list."""

    id: str
    name: str
    email: str
    person_href: str
    device: str
    method: str
    is_this: bool
    created_at: int
    seen_at: int
    expires_at: int


async def show_sessions(request: Request) -> Response:
    """GET settings/sessions: everybody's, with how long the slowest end of access took."""
    state, session, given = state_of(request), check_account(request), read_query(request)
    now, number = state.clock.now(), page_number(request)
    search = " ".join(given.get("q", "")[:LONGEST_SEARCH].split())
    found, total = await places.list_page(
        state.database, session.account_id, now, user_id=EVERYBODY, search=search, page=number
    )
    path = settings_address(session.account_id, PLACE)
    last = max(1, -(-total // AT_ONCE))
    return settings_page(
        request,
        "console/sessions.html",
        PLACE,
        rows=_views(request, session, found),
        total=total,
        search=search,
        path=path,
        first=(number - 1) * AT_ONCE + 1,
        previous=_near(path, search, number - 1) if 1 < number <= last else "",
        next=_near(path, search, number + 1) if number < last else "",
        slowest=await ends.find_slowest(state.database, session.account_id, now),
        done=done_text(request),
    )


async def show_person_sessions(request: Request) -> Response:
    """GET settings/agents/{user_id}/sessions: one person's."""
    state, session = state_of(request), check_account(request)
    person = await get_person(request)
    found, total = await places.list_page(
        state.database,
        session.account_id,
        state.clock.now(),
        user_id=person.id,
        search="",
        page=1,
    )
    return person_page(
        request,
        "console/person_sessions.html",
        PLACE,
        person,
        rows=_views(request, session, found),
        total=total,
        end_action=settings_address(session.account_id, PLACE),
        done=done_text(request),
    )


async def post_end(request: Request) -> Response:
    """POST settings/sessions: an administrator ends one session, or all of a person."""
    session, form = check_account(request), form_of(request)
    if form.get("session"):
        ended = await _end(request, session, form["session"], own=False)
        done = "one"
    elif form.get("user"):
        ended = await _end_all(request, session, form["user"])
        done = "all"
    else:
        raise ProblemError(Problem.REQUEST_UNREADABLE)
    target = settings_address(session.account_id, PLACE)
    if form.get("of"):
        target = person_address(session.account_id, form["of"][:40], PLACE)
    return see_other(with_query(target, done=done if ended else "gone"))


async def post_end_own(request: Request) -> Response:
    """POST profile/sessions: one of one's own, or all but this one."""
    session, form = check_account(request), form_of(request)
    if form.get("session"):
        ended, done = await _end(request, session, form["session"], own=True), "one"
    else:
        ended, done = await _end_all(request, session, session.user_id), "all"
    target = account_address(session.account_id, "profile")
    return see_other(with_query(target, done=done if ended else "gone"))


async def own_places(request: Request, session: Session) -> list[PlaceView]:
    """Those of whoever asks, this one first."""
    state = state_of(request)
    found, _ = await places.list_page(
        state.database,
        session.account_id,
        state.clock.now(),
        user_id=session.user_id,
        search="",
        page=1,
    )
    return sorted(_views(request, session, found), key=lambda view: not view.is_this)


def done_text(request: Request) -> str:
    """What was just ended, for the page that is shown next."""
    return say_of(request)(DONE.get(request.query_params.get("done", ""), ""))


async def _end(request: Request, session: Session, fingerprint: str, *, own: bool) -> bool:
    state, by = state_of(request), _by(request, session)
    now = state.clock.now()
    async with state.database.transaction() as tx:
        ended = await places.end(tx, state.keyring, by, fingerprint[:64], now, own=own)
    return _revoke(request, ended)


async def _end_all(request: Request, session: Session, user_id: str) -> bool:
    state, by = state_of(request), _by(request, session)
    now = state.clock.now()
    async with state.database.transaction() as tx:
        ended = await places.end_all_of(tx, state.keyring, by, user_id[:40], now)
    return _revoke(request, ended)


def _revoke(request: Request, ended: Ended) -> bool:
    """The grants at the platform end too, beside the answer; True if anything ended."""
    for token in ended.refresh_tokens:
        state_of(request).provider.revoke_later(token, reference_of_request(request))
    return ended.number > 0


def _by(request: Request, session: Session) -> By:
    reference = reference_of_request(request)
    return By(session.user_id, session.account_id, session.fingerprint, reference)


def _views(request: Request, session: Session, found: list[Place]) -> list[PlaceView]:
    say = say_of(request)
    may_see = Right.AGENTS_MANAGE in session.rights
    return [
        PlaceView(
            id=one.fingerprint,
            name=one.name,
            email=one.email,
            person_href=person_address(session.account_id, one.user_id) if may_see else "",
            device=device_words(device_of(one.user_agent), say),
            method=say(METHODS.get(one.method, one.method)),
            is_this=one.fingerprint == session.fingerprint,
            created_at=one.created_at,
            seen_at=one.seen_at,
            expires_at=one.expires_at,
        )
        for one in found
    ]


def _near(path: str, search: str, number: int) -> str:
    return with_query(path, page=str(number), **({"q": search} if search else {}))
