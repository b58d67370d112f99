"""GET, POST /admin/users/new: make a person, who is invited by mail or gets a password now."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from cognigy_ai.admin import user
from cognigy_ai.admin.mail_state import mail_failing_since
from cognigy_ai.guards import session_of
from cognigy_ai.pages import desk_page
from cognigy_ai.problems import Problem
from cognigy_ai.roles.rules import BASE_ROLE, LIVE_AGENT_ROLES, ROLES, may_give
from cognigy_ai.state import State, state_of
from cognigy_ai.users import administration, links, passwords
from cognigy_ai.users.mail_limits import INVITATION
from cognigy_ai.users.passwords import NewPerson
from cognigy_ai.users.policy import PasswordPolicy
from cognigy_ai.users.rules import By, NewUser, User
from kernel.languages import n_
from kernel.problems import ProblemError
from kernel.web.guards import form_of, log_refusal
from kernel.web.site import language_of, see_other

INVITE, NOW = "invite", "now"
WAYS = (INVITE, NOW)
ROLE_MARK = "role."
FIELD_OF_PROBLEM = user.FIELD_OF_PROBLEM | {
    Problem.USER_EXISTS: (
        "email",
        n_("Somebody in your organisation has this address already. Search for it in the list."),
    ),
}


async def show_new_user(request: Request) -> Response:
    """The empty form."""
    return await _form(request, {"way": INVITE, "locale": language_of(request)}, {})


async def post_new_user(request: Request) -> Response:
    """Make the person; the form comes back with what was typed when something is wrong."""
    state, actor, form = state_of(request), session_of(request).user, form_of(request)
    digest, fault = None, ""
    policy = await passwords.policy_of(state.database, actor.organisation_id)
    if form.get("way") == NOW:
        fault = _password_fault(request, policy, form)
        digest = None if fault else await state.passwords.digest(form.get("password", ""))
    if fault:
        return await _form(request, form, {"password": fault})
    try:
        user_id = await _create(state, actor, form, digest, policy)
    except ProblemError as error:
        if error.problem not in FIELD_OF_PROBLEM:
            raise
        log_refusal(request, error)
        field, text = FIELD_OF_PROBLEM[Problem(error.problem)]
        return await _form(request, form, {field: text})
    state.courier.wake()
    return see_other(f"/admin/users/{user_id}?done={'created' if digest else 'invited'}")


async def _create(
    state: State,
    actor: User,
    form: Mapping[str, str],
    digest: str | None,
    policy: PasswordPolicy,
) -> str:
    new = NewUser(
        organisation_id=actor.organisation_id,
        email=form.get("email", ""),
        name=form.get("name", ""),
        roles=tuple(_chosen_roles(form)),
        locale=form.get("locale", ""),
        password_digest=digest,
        must_change_password=digest is not None,
    )
    now = state.clock.now()
    async with state.database.transaction() as tx:
        user_id = await administration.create(tx, By.person(actor), new, now)
        if digest is not None:
            await passwords.check_policy(tx, new.organisation_id, policy)
        else:
            await state.mail_limits.count(tx, INVITATION, new.organisation_id, new.email, now)
            await links.invite(tx, state.outbox, user_id, actor.name, now)
    return user_id


def _password_fault(request: Request, policy: PasswordPolicy, form: Mapping[str, str]) -> str:
    actor, language = session_of(request).user, language_of(request)
    pages = state_of(request).site.pages
    person = NewPerson(form.get("name", ""), form.get("email", ""), actor.organisation_name)
    return passwords.judge(
        person, policy, form.get("password", ""), say=lambda text: pages.text(language, text)
    )


def _chosen_roles(form: Mapping[str, str]) -> list[str]:
    return [name.removeprefix(ROLE_MARK) for name in form if name.startswith(ROLE_MARK)]


async def _form(request: Request, typed: Mapping[str, str], errors: Mapping[str, str]) -> Response:
    state, session = state_of(request), session_of(request)
    language, pages = language_of(request), state.site.pages

    def say(text: str) -> str:
        return pages.text(language, text)

    policy = await passwords.policy_of(state.database, session.user.organisation_id)
    allowed = [r for r in ROLES if r != BASE_ROLE and may_give(session.user.roles, r)]
    return desk_page(
        request,
        "admin/user_new.html",
        session,
        422 if errors else 200,
        typed={name: typed.get(name, "") for name in ("name", "email", "locale", "way")},
        chosen=_chosen_roles(typed),
        roles=[(role, say(ROLES[role])) for role in allowed],
        first_roles=LIVE_AGENT_ROLES,
        password_hint=passwords.hint(policy, say),
        mail_failing_since=await mail_failing_since(request),
        errors={name: say(errors.get(name, "")) for name in ("name", "email", "password")},
    )
