"""Roles of one person, with what each changes; and why somebody can or cannot log in."""

from starlette.requests import Request
from starlette.responses import Response

from cognigy_ai.admin.rules.access import Facts, Verdict, chain, change_of, outcome, rights_of
from cognigy_ai.admin.user import address_of
from cognigy_ai.guards import session_of
from cognigy_ai.live_agent import actions as live_agent
from cognigy_ai.live_agent.actions import AccountView, Found, Unreached
from cognigy_ai.live_agent.rules import Finding, compare
from cognigy_ai.organisations import actions as organisations
from cognigy_ai.organisations.rules import Organisation
from cognigy_ai.pages import desk_page
from cognigy_ai.problems import Problem
from cognigy_ai.roles import rules as roles_
from cognigy_ai.state import State, state_of
from cognigy_ai.users import actions as users
from cognigy_ai.users import administration, listing
from cognigy_ai.users.listing import Person
from cognigy_ai.users.rules import By
from kernel.problems import ProblemError
from kernel.web.guards import form_of
from kernel.web.problem_pages import fault_rows
from kernel.web.site import language_of, see_other


async def show_role(request: Request) -> Response:
    """GET /admin/users/{user_id}/roles/{role}: what giving or taking it changes."""
    state, session = state_of(request), session_of(request)
    person = await _person(request)
    role = _role(request)
    changes = roles_.may_change(session.user.roles, person.roles)
    text = state.site.pages.text(language_of(request), roles_.ROLES[role])
    return desk_page(
        request,
        "admin/user_role.html",
        session,
        person=person,
        role=role,
        role_text=text,
        has=role in person.roles,
        may_change=changes and roles_.may_give(session.user.roles, role),
        change=change_of(person.roles, role),
        own=person.id == session.user.id,
    )


async def post_role(request: Request) -> Response:
    """POST /admin/users/{user_id}/roles/{role}: give or take it."""
    state, by = state_of(request), By.person(session_of(request).user)
    user_id, gives = request.path_params["user_id"], form_of(request).get("deed") == "give"
    deed = administration.give if gives else administration.take
    async with state.database.transaction() as tx:
        await deed(tx, by, user_id, _role(request), state.clock.now())
    return see_other(address_of(user_id, "given" if gives else "taken"))


async def show_access(request: Request) -> Response:
    """GET /admin/users/{user_id}/live-agent: every question of a login with its answer."""
    state, session = state_of(request), session_of(request)
    person = await _person(request)
    organisation = await organisations.get(state.database, person.organisation_id)
    found, finding = await _ask_live_agent(state, organisation)
    links = chain(_facts(state, person, organisation, finding))
    return desk_page(
        request,
        "admin/user_access.html",
        session,
        person=person,
        links=links,
        answers={link.question.value: link.answer for link in links},
        outcome=outcome(links).value,
        verdicts={verdict.value: verdict for verdict in Verdict},
        rights=rights_of(person.roles),
        organisation=organisation,
        found_number=found.id if isinstance(found, AccountView) else None,
        fault=fault_rows(request, found.fault) if isinstance(found, Unreached) else (),
        asked_at=state.clock.now(),
    )


async def _ask_live_agent(state: State, organisation: Organisation) -> tuple[Found, Finding | None]:
    """What Live Agent answers, and how it compares; nothing is asked if it is off."""
    if not state.settings.feature_use_cognigy_live_agent:
        return None, None
    found = await live_agent.find_account(state.live_agent, organisation)
    return found, compare(organisation.live_agent_account, found)


def _facts(
    state: State, person: Person, organisation: Organisation, finding: Finding | None
) -> Facts:
    return Facts(
        disabled=person.disabled,
        has_password=person.has_password,
        must_change_password=person.must_change_password,
        email_verified=person.email_verified,
        suspended=organisation.suspended,
        feature_on=state.settings.feature_use_cognigy_live_agent,
        finding=finding,
        roles=person.roles,
    )


async def _person(request: Request) -> Person:
    organisation_id = session_of(request).user.organisation_id
    database = state_of(request).database
    return await listing.get_person(database, organisation_id, request.path_params["user_id"])


def _role(request: Request) -> str:
    """The role of the address; raises ROLE_UNKNOWN or BASE_ROLE_STAYS."""
    role = str(request.path_params["role"])
    users.check_roles((role,))
    if role == roles_.BASE_ROLE:
        raise ProblemError(Problem.BASE_ROLE_STAYS)
    return role
