"""POST settings/agents/{user_id}/...: name and roles, mails, and the deletion."""

from starlette.requests import Request
from starlette.responses import Response

from kernel import mail_limits
from kernel.db import Tx
from kernel.html import Action
from kernel.languages import n_
from kernel.problems import ProblemError
from kernel.web.guards import form_of, log_refusal
from kernel.web.problem_pages import problem_page
from kernel.web.site import say_of, see_other
from live_agent.agents import administration
from live_agent.agents.administration import By, Unacceptable
from live_agent.agents.rules import Right
from live_agent.console.agent import agent_page, chosen_roles
from live_agent.console.agents import PLACE
from live_agent.console.person_frame import (
    get_person,
    person_address,
    person_page,
    platform_address,
)
from live_agent.console.settings_frame import settings_address
from live_agent.guards import RightGuard, check_account, check_not_emergency
from live_agent.problems import Problem
from live_agent.sessions import actions as sessions
from live_agent.state import State, state_of

TO_PLATFORM = n_("Open this person in Cognigy.AI")
BACK = n_("Back to the person")
ADMINISTRATORS_MAILS = "la/administrator"


class AgentDeedGuard(RightGuard):
    """A refusal leads back to the person, or to where Cognigy.AI administers them (rule 5)."""

    async def refuse(self, request: Request, error: ProblemError) -> Response:
        if error.problem not in (
            Problem.CREDENTIALS_ELSEWHERE,
            Problem.LAST_ADMINISTRATOR,
            Problem.OWN_USER,
            Problem.LOCAL_USERS_FROZEN,
        ):
            return await super().refuse(request, error)
        log_refusal(request, error)
        person, say = await get_person(request), say_of(request)
        back = Action(say(BACK), person_address(person.account_id, person.id))
        there = platform_address(request, person)
        if error.problem is Problem.CREDENTIALS_ELSEWHERE and there:
            return problem_page(
                request, error, primary=Action(say(TO_PLATFORM), there), others=(back,)
            )
        return problem_page(request, error, primary=back)


AGENT_DEED = AgentDeedGuard(Right.AGENTS_MANAGE)


async def post_agent(request: Request) -> Response:
    """Name and roles."""
    check_not_emergency(request)
    state, form, by = state_of(request), form_of(request), by_of(request)
    user_id = str(request.path_params["user_id"])
    try:
        async with state.database.transaction() as tx:
            await administration.change(
                tx, by, user_id, form.get("name", ""), chosen_roles(form), state.clock.now()
            )
    except Unacceptable as fault:
        return await agent_page(request, form, {fault.field: fault.code})
    return see_other(f"{person_address(by.account_id, user_id)}?done=saved")


async def post_mail(request: Request) -> Response:
    """The link that the person needs: invitation, confirmation, or a new password."""
    check_not_emergency(request)
    state, by, now = state_of(request), by_of(request), state_of(request).clock.now()
    user_id = str(request.path_params["user_id"])
    person = await get_person(request)
    async with state.database.transaction() as tx:
        kind = await administration.mail_link(tx, state.outbox, by, user_id, now)
        await count_mail(tx, state, kind, person.email, now)
    state.courier.wake()
    return see_other(f"{person_address(by.account_id, user_id)}?done={kind}")


async def show_delete(request: Request) -> Response:
    """What is lost, and the address to type."""
    state, by = state_of(request), by_of(request)
    async with state.database.transaction() as tx:
        await administration.get_to_delete(tx, by, str(request.path_params["user_id"]))
    return await _delete_page(request, typed_wrong=False)


async def post_delete(request: Request) -> Response:
    """Only with the address typed."""
    state, by = state_of(request), by_of(request)
    person = await get_person(request)
    if form_of(request).get("email", "").strip() != person.email:
        return await _delete_page(request, typed_wrong=True)
    now = state.clock.now()
    async with state.database.transaction() as tx:
        await administration.get_to_delete(tx, by, person.id)
        await sessions.end_of_user(tx, person.id, "user_deleted", now)
        await administration.delete(tx, by, person.id, now)
    return see_other(f"{settings_address(by.account_id, PLACE)}?done=deleted")


async def count_mail(tx: Tx, state: State, kind: str, email: str, now: int) -> None:
    """Raises ADDRESS_MAILED_ENOUGH, also for an address that is added again and again."""
    until = await mail_limits.count_mail(
        state.locks, tx, state.keyring, f"{ADMINISTRATORS_MAILS}/{kind}", email, now
    )
    if until > now:
        raise ProblemError(Problem.ADDRESS_MAILED_ENOUGH, retry_after=until - now)


def by_of(request: Request) -> By:
    """The administrator who does it."""
    session = check_account(request)
    return By(session.user_id, session.account_id, state_of(request).settings.allows_local_users)


async def _delete_page(request: Request, *, typed_wrong: bool) -> Response:
    state, person = state_of(request), await get_person(request)
    signed_in = await sessions.list_signed_in(state.database, [person.id], state.clock.now())
    there = signed_in.get(person.id)
    return person_page(
        request,
        "console/agent_delete.html",
        "",
        person,
        422 if typed_wrong else 200,
        browsers=there.number if there else 0,
        typed_wrong=typed_wrong,
    )
