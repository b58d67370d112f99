"""One conflict: who came, who has the address, and the decision (ADR 0027)."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from starlette.requests import Request
from starlette.responses import Response

from kernel.languages import n_
from kernel.web.guards import form_of
from kernel.web.site import say_of, see_other
from live_agent.agents.rules import User
from live_agent.conflicts import actions as conflicts
from live_agent.conflicts.actions import File, Ruling
from live_agent.conflicts.rules import LONGEST_REASON, Conflict, Outcome, can_be_rejected
from live_agent.console.conflicts import KINDS, STATES, conflict_address, state_word
from live_agent.console.dashboard import role_names
from live_agent.console.settings_frame import settings_address, settings_page
from live_agent.guards import check_account, check_not_emergency
from live_agent.state import state_of

Say = Callable[[str], str]

LINK = "link:"
REASON_MISSING = n_("Say why, in at most 500 characters.")
CHOICE_MISSING = n_("Choose one of the decisions.")
LINK_LABEL = n_("It is %(name)s (%(email)s): this user gets the Cognigy.AI identity")
OUTCOMES = {
    Outcome.LINK: n_("The identity gets the user below"),
    Outcome.SEPARATE: n_("They are two people"),
    Outcome.REJECT: n_("The identity is rejected"),
}
ENDED = {
    "used": n_("carried out"),
    "withdrawn": n_("taken back"),
    "declined": n_("not approved"),
    "expired": n_("nobody came in time"),
    "replaced": n_("replaced by another one"),
}
SEPARATE_LABELS = {
    Conflict.ADDRESS_HELD: n_("They are two people: everything stays as it is"),
}
SEPARATE_LABEL = n_("They are two people: the Cognigy.AI user gets a new user here")
REJECT_LABEL = n_("Nobody here: this identity gets in as nobody")


@dataclass(frozen=True, slots=True)
class Typed:
    """What was filled in, and what is wrong with it."""

    choice: str = ""
    reason: str = ""
    choice_error: str = ""
    reason_error: str = ""


async def show_conflict(request: Request) -> Response:
    """GET /app/accounts/{id}/settings/conflicts/{conflict_id}."""
    return await _show(request, Typed())


async def post_conflict(request: Request) -> Response:
    """Propose or decide, approve, decline, withdraw."""
    deed = DEEDS.get(form_of(request).get("deed", ""), _show_again)
    return await deed(request)


async def _decide(request: Request) -> Response:
    check_not_emergency(request)
    state, session, form = state_of(request), check_account(request), form_of(request)
    typed = _checked(form)
    if typed.choice_error or typed.reason_error:
        return await _show(request, typed, 400)
    links = typed.choice.startswith(LINK)
    user_id = typed.choice.removeprefix(LINK) if links else None
    outcome = Outcome.LINK if links else Outcome(typed.choice)
    ruling = Ruling(
        session.account_id,
        request.path_params["conflict_id"],
        outcome,
        user_id,
        typed.reason,
        by=session.user_id,
        seen=tuple(form.get("seen", "").split()),
    )
    await conflicts.decide(state.database, ruling, state.clock.now())
    return see_other(_here(request))


async def _approve(request: Request) -> Response:
    check_not_emergency(request)
    state, session = state_of(request), check_account(request)
    await conflicts.approve(
        state.database,
        session.account_id,
        request.path_params["conflict_id"],
        form_of(request).get("decision", ""),
        session.user_id,
        state.clock.now(),
    )
    return see_other(_here(request))


async def _take_back(request: Request) -> Response:
    state, session = state_of(request), check_account(request)
    await conflicts.take_back(
        state.database,
        session.account_id,
        request.path_params["conflict_id"],
        form_of(request).get("decision", ""),
        session.user_id,
        state.clock.now(),
    )
    return see_other(_here(request))


async def _show_again(request: Request) -> Response:
    return await _show(request, Typed())


DEEDS: dict[str, Callable[[Request], Awaitable[Response]]] = {
    "decide": _decide,
    "approve": _approve,
    "take_back": _take_back,
}


def _checked(form: dict[str, str]) -> Typed:
    choice, reason = form.get("choice", ""), form.get("reason", "").strip()
    typed = Typed(choice, reason)
    known = choice.startswith(LINK) or choice in (Outcome.REJECT, Outcome.SEPARATE)
    if not known:
        typed = replace(typed, choice_error=CHOICE_MISSING)
    if not reason or len(reason) > LONGEST_REASON:
        typed = replace(typed, reason_error=REASON_MISSING)
    return typed


def _here(request: Request) -> str:
    session = check_account(request)
    return conflict_address(session.account_id, request.path_params["conflict_id"])


async def _show(request: Request, typed: Typed, status: int = 200) -> Response:
    state, session, say = state_of(request), check_account(request), say_of(request)
    now = state.clock.now()
    file = await conflicts.get(
        state.database, session.account_id, request.path_params["conflict_id"]
    )
    decision = file.open_decision(now)
    word, colour = STATES[state_word(file.case, decision, now)]
    return settings_page(
        request,
        "console/conflict.html",
        "conflicts",
        status,
        action=_here(request),
        back=settings_address(session.account_id, "conflicts"),
        file=file,
        kind=say(KINDS[file.case.kind]),
        state=(say(word), colour),
        roles=role_names(file.case.roles, say),
        candidates=[(one, role_names(one.roles, say)) for one in file.candidates],
        decision=decision,
        target=_target(file, decision.user_id if decision else None),
        outcomes={key: say(text) for key, text in OUTCOMES.items()},
        options=_options(file, say),
        yours=file.is_party(session.user_id),
        may_approve=decision is not None
        and decision.approved_at is None
        and decision.decided_by != session.user_id,
        typed=replace(
            typed,
            choice_error=say(typed.choice_error) if typed.choice_error else "",
            reason_error=say(typed.reason_error) if typed.reason_error else "",
        ),
        history=[(one, say(ENDED[one.state(now)])) for one in file.decisions if one != decision],
    )


def _target(file: File, user_id: str | None) -> User | None:
    return next((one for one in file.candidates if one.id == user_id), None)


def _options(file: File, say: Say) -> list[tuple[str, str]]:
    options = [("", say(n_("Choose a decision")))]
    for one in file.candidates:
        if one.id in file.choices:
            options.append(
                (LINK + one.id, say(LINK_LABEL) % {"name": one.name, "email": one.email})
            )
    options.append(
        (Outcome.SEPARATE.value, say(SEPARATE_LABELS.get(file.case.kind, SEPARATE_LABEL)))
    )
    if can_be_rejected(file.case.kind):
        options.append((Outcome.REJECT.value, say(REJECT_LABEL)))
    return options
