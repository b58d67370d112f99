"""/admin/users/{user_id}: one person, with everything that an administrator may change."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from cognigy_ai.guards import session_of
from cognigy_ai.pages import desk_page
from cognigy_ai.problems import Problem
from cognigy_ai.roles import rules as roles_
from cognigy_ai.roles.rules import Permission
from cognigy_ai.second_factors import actions as second_factors
from cognigy_ai.sessions import actions as sessions
from cognigy_ai.signals import actions as signals
from cognigy_ai.state import state_of
from cognigy_ai.users import actions as users
from cognigy_ai.users import administration, emails, links, listing
from cognigy_ai.users.listing import Person
from cognigy_ai.users.mail_limits import EMAIL_CHANGE
from cognigy_ai.users.rules import INVITATION, RESET, By
from kernel.db import Tx
from kernel.languages import n_
from kernel.problems import ProblemError
from kernel.web.guards import form_of, log_refusal
from kernel.web.site import language_of, see_other

DONE = {
    "created": n_("The person is created. Hand the password over; it has to be changed at once."),
    "invited": n_("The person is created, and an invitation is on its way."),
    "saved": n_("Saved."),
    "address": n_("The e-mail address is changed. It is not confirmed yet."),
    "address_asked": n_(
        "A link is on its way to the new address. Until it is used, nothing changes."
    ),
    "invitation": n_(
        "An invitation is on its way. Links that were sent before do not work any more."
    ),
    "reset": n_("A link to set a new password is on its way."),
    "disabled": n_("The person is disabled and signed out everywhere."),
    "enabled": n_("The person may sign in again."),
    "signed_out": n_("The person is signed out everywhere."),
    "two_step": n_("Two-step login is reset. The person is told by mail."),
    "given": n_("The role is given."),
    "taken": n_("The role is taken away."),
}
FIELD_OF_PROBLEM = {
    Problem.NAME_INVALID: ("name", n_("Write a name of at most 200 characters.")),
    Problem.EMAIL_INVALID: ("email", n_("Write an address such as ada@example.com.")),
    Problem.EMAIL_UNCHANGED: ("email", n_("This is the present address.")),
    Problem.USER_EXISTS: ("email", n_("Somebody in your organisation has this address already.")),
}


def address_of(user_id: str, done: str = "") -> str:
    """Where the page of a person is."""
    return f"/admin/users/{user_id}?done={done}" if done else f"/admin/users/{user_id}"


async def show_user(request: Request) -> Response:
    """GET /admin/users/{user_id}."""
    return await _user_page(request, {}, {})


async def post_user(request: Request) -> Response:
    """POST /admin/users/{user_id}: name and language."""
    state, actor, form = state_of(request), session_of(request).user, form_of(request)
    user_id = request.path_params["user_id"]
    values = {"name": form.get("name", ""), "locale": form.get("locale", "")}
    try:
        async with state.database.transaction() as tx:
            await administration.change(tx, By.person(actor), user_id, state.clock.now(), **values)
    except ProblemError as error:
        return await _refused(request, error)
    return see_other(address_of(user_id, "saved"))


async def post_address(request: Request) -> Response:
    """POST /admin/users/{user_id}/email.

    The address of somebody who is merely invited is simply corrected. Everybody else's is replaced
    by the link that is mailed to the new one, and the present one is told.
    """
    state, actor = state_of(request), session_of(request).user
    user_id, email = request.path_params["user_id"], form_of(request).get("email", "")
    by, now = By.person(actor), state.clock.now()
    try:
        async with state.database.transaction() as tx:
            await administration.get_other_to_change(tx, by, user_id)
            invited = await users.is_only_invited(tx, user_id)
            if invited:
                await administration.set_address(tx, by, user_id, email, now)
            else:
                here = actor.organisation_id
                await state.mail_limits.count(tx, EMAIL_CHANGE, here, email, now)
                await emails.ask(tx, state.outbox, user_id, email, now)
    except ProblemError as error:
        return await _refused(request, error)
    state.courier.wake()
    return see_other(address_of(user_id, "address" if invited else "address_asked"))


async def _refused(request: Request, error: ProblemError) -> Response:
    """The page again with the fault at its field; what belongs to no field is a page of its own."""
    if error.problem not in FIELD_OF_PROBLEM:
        raise error
    log_refusal(request, error)
    field, text = FIELD_OF_PROBLEM[Problem(error.problem)]
    return await _user_page(request, form_of(request), {field: text})


async def _user_page(
    request: Request, typed: Mapping[str, str], errors: Mapping[str, str]
) -> Response:
    state, session = state_of(request), session_of(request)
    language, pages, now = language_of(request), state.site.pages, state.clock.now()
    actor, database = session.user, state.database
    person = await listing.get_person(
        database, actor.organisation_id, request.path_params["user_id"]
    )
    return desk_page(
        request,
        "admin/user.html",
        session,
        422 if errors else 200,
        person=person,
        own=person.id == actor.id,
        rights=_rights(actor.roles, person),
        roles=_roles(request, person),
        signed_in=await sessions.count_of_user(database, person.id, now),
        two_step=await second_factors.find(database, person.id) is not None,
        waiting=await emails.find_pending(database, person.id, now),
        letter_state=await links.find_mail_state(
            database, person.id, RESET if person.has_password else INVITATION
        ),
        made_by=await _name_of(database, actor.organisation_id, person.created_by),
        changed_by=await _name_of(database, actor.organisation_id, person.changed_by),
        not_told=await signals.is_failing(database, actor.organisation_id),
        typed=typed,
        errors={f: pages.text(language, errors.get(f, "")) for f in ("name", "email")},
        done=pages.text(language, DONE.get(request.query_params.get("done", ""), "")),
    )


def _rights(theirs: tuple[str, ...], person: Person) -> dict[str, bool]:
    """What the reader may do with this person; the deeds check it again."""
    return {
        "change": roles_.may_change(theirs, person.roles),
        "write": roles_.may(theirs, Permission.USERS_WRITE),
        "audit": roles_.may(theirs, Permission.AUDIT_READ),
    }


def _roles(request: Request, person: Person) -> list[dict[str, Any]]:
    """Every role but the one of everybody: what it is, and whether it can be given or taken."""
    theirs, language = session_of(request).user.roles, language_of(request)
    pages = state_of(request).site.pages
    may_change = roles_.may_change(theirs, person.roles)
    return [
        {
            "name": role,
            "text": pages.text(language, text),
            "has": role in person.roles,
            "may": may_change and roles_.may_give(theirs, role),
        }
        for role, text in roles_.ROLES.items()
        if role != roles_.BASE_ROLE
    ]


async def _name_of(db: Tx, organisation_id: str, actor_id: str | None) -> str:
    """Of a colleague who is still there; empty otherwise."""
    if actor_id is None:
        return ""
    try:
        return (await administration.get_user_for(db, organisation_id, actor_id)).name
    except ProblemError:
        return ""
