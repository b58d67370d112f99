"""/admin/security: what passwords must be, and whether everybody needs a second step."""

from collections.abc import Mapping
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from cognigy_ai.admin.mail_state import mail_failing_since
from cognigy_ai.guards import session_of
from cognigy_ai.organisations import actions as organisations
from cognigy_ai.pages import desk_page
from cognigy_ai.sessions.rules import MFA
from cognigy_ai.state import state_of
from cognigy_ai.users import policy as rules
from cognigy_ai.users import security
from cognigy_ai.users.passwords import hint
from cognigy_ai.users.policy import KEYS, PasswordPolicy
from kernel.languages import n_
from kernel.web.forms import only, read_query
from kernel.web.guards import form_of
from kernel.web.site import page, say_of, see_other

HERE = "/admin/security"
ENFORCE = "/admin/security/enforce"
ENFORCED = "/password/enforced"
BY_TWO_STEP = "two-step"
MOST_COUNTED = 1000
OUT_OF_BOUNDS = n_("Enter a whole number from {least} to {most}.")
OUT_OF_BOUNDS_OR_OFF = n_("Enter 0, or a whole number from {least} to {most}.")
SHORTER_THAN_LEAST = n_("This is less than the shortest password.")
SAVED = ("policy", "two-step")


async def show_security(request: Request) -> Response:
    """GET /admin/security."""
    state, user = state_of(request), session_of(request).user
    organisation = await organisations.get(state.database, user.organisation_id)
    values = _typed(rules.as_keys(rules.parse(organisation.policy_json)))
    return await _form(request, values)


async def post_policy(request: Request) -> Response:
    """POST /admin/security: save, or go on to the page that asks before it enforces."""
    form = form_of(request)
    policy, faulty = rules.parse_form(form)
    if faulty:
        return await _form(request, only(form, *KEYS.values()), faulty)
    if form.get("then") == "enforce":
        return see_other(f"{ENFORCE}?{urlencode(rules.as_keys(policy))}")
    state, user = state_of(request), session_of(request).user
    async with state.database.transaction() as tx:
        await security.save_policy(tx, user.organisation_id, policy, state.clock.now())
    return see_other(f"{HERE}?saved=policy")


async def post_two_step(request: Request) -> Response:
    """POST /admin/security/two-step: whoever is in without a second step is signed out by it."""
    state, session = state_of(request), session_of(request)
    required = "required" in form_of(request)
    async with state.database.transaction() as tx:
        changed = await security.set_two_step_required(
            tx, session.user.organisation_id, required=required, now=state.clock.now()
        )
    if changed and required and MFA not in session.amr:
        return see_other(f"{ENFORCED}?by={BY_TWO_STEP}")
    return see_other(f"{HERE}?saved=two-step")


async def show_enforce(request: Request) -> Response:
    """GET /admin/security/enforce: who is signed out and what is asked, before it is done."""
    policy, faulty = rules.parse_form(read_query(request))
    if faulty:
        return see_other(HERE)
    state, user = state_of(request), session_of(request).user
    number = await security.count_passwords(state.database, user.organisation_id, MOST_COUNTED + 1)
    return desk_page(
        request,
        "admin/security_enforce.html",
        session_of(request),
        rule=hint(policy, say_of(request)),
        values=_typed(rules.as_keys(policy)),
        number=number,
        most=MOST_COUNTED,
    )


async def post_enforce(request: Request) -> Response:
    """POST /admin/security/enforce: in one transaction, and this browser is signed out with it."""
    policy, faulty = rules.parse_form(form_of(request))
    if faulty:
        return see_other(HERE)
    state, user = state_of(request), session_of(request).user
    async with state.database.transaction() as tx:
        await security.enforce_policy(tx, user.organisation_id, policy, state.clock.now())
    return see_other(ENFORCED)


async def show_enforced(request: Request) -> Response:
    """GET /password/enforced: for whoever pressed the button, and is signed out by it."""
    two_step = request.query_params.get("by") == BY_TWO_STEP
    return page(request, "admin/security_enforced.html", two_step=two_step)


async def _form(
    request: Request, values: Mapping[str, str], faulty: frozenset[str] = frozenset()
) -> Response:
    state, session = state_of(request), session_of(request)
    organisation = await organisations.get(state.database, session.user.organisation_id)
    saved = request.query_params.get("saved", "")
    return desk_page(
        request,
        "admin/security.html",
        session,
        422 if faulty else 200,
        values={key: values.get(key, "") for key in KEYS.values()},
        errors={KEYS[name]: _fault_text(request, name, values) for name in faulty},
        is_default=rules.parse(organisation.policy_json) == PasswordPolicy(),
        two_step_required=organisation.two_step_required,
        sends_mail=state.settings.sends_mail,
        one_factor=MFA not in session.amr,
        mail_failing_since=await mail_failing_since(request),
        saved=saved if saved in SAVED else "",
    )


def _fault_text(request: Request, name: str, values: Mapping[str, str]) -> str:
    least, most = rules.BOUNDS[name]
    typed = values.get(KEYS[name], "")
    within = typed.isdigit() and least <= int(typed) <= most
    text = OUT_OF_BOUNDS_OR_OFF if name in rules.MAY_BE_OFF else OUT_OF_BOUNDS
    said = say_of(request)(SHORTER_THAN_LEAST if within else text)
    return said.replace("{least}", str(least)).replace("{most}", str(most))


def _typed(numbers: Mapping[str, int]) -> dict[str, str]:
    return {key: str(number) for key, number in numbers.items()}
