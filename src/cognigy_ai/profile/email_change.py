"""/profile/email, /email/confirm/{secret}: another address, which counts once it is confirmed."""

from starlette.requests import Request
from starlette.responses import Response

from cognigy_ai.guards import session_of
from cognigy_ai.pages import desk_page
from cognigy_ai.problems import Problem
from cognigy_ai.profile.mailed_link import MailedLink
from cognigy_ai.sessions import passwords, refusals
from cognigy_ai.state import state_of
from cognigy_ai.users import emails
from cognigy_ai.users.forgotten import MailMeans, may_be_mailed
from kernel.emails import is_address
from kernel.html import clock
from kernel.languages import n_
from kernel.problems import ProblemError
from kernel.web.guards import form_of, log_refusal
from kernel.web.site import page, say_of, see_other

HERE = "/profile/email"
CONFIRMED = "/email/confirmed"
WRONG_PASSWORD = n_("This is not your current password.")
LOCKED = n_("There were too many attempts. You can try again in {time}.")
ENOUGH_MAILS = n_("Three mails went to this address within an hour. Wait an hour for another one.")

LINK = MailedLink(emails.find, Problem.EMAIL_LINK_SPENT)


async def show_email(request: Request) -> Response:
    """GET /profile/email: the address that counts, the one that waits, and the form."""
    return await _form(request)


async def post_email(request: Request) -> Response:
    """POST /profile/email: the password is asked, then a link is mailed to the new address."""
    state, user, form = state_of(request), session_of(request).user, form_of(request)
    now, email = state.clock.now(), form.get("email", "").strip()
    means = MailMeans(state.database, state.keyring, state.locks, state.outbox)
    try:
        digest = await passwords.prove(state.login, user.id, form.get("password", ""), now)
        if is_address(email) and not await may_be_mailed(means, "email_change", email, now):
            return await _form(request, 429, email=email, email_error=ENOUGH_MAILS)
        kept = refusals.kept(state.login, [user.id], now)
        async with kept, state.database.transaction() as tx:
            await emails.ask(tx, state.outbox, user.id, email, now)
            await passwords.check_proof(tx, state.login, user.id, digest, now)
    except ProblemError as error:
        log_refusal(request, error)
        return await _refused(request, error, email)
    state.courier.wake()
    return see_other(HERE)


async def post_cancel(request: Request) -> Response:
    """POST /profile/email/cancel: the address stays; the mailed link is void."""
    state, user = state_of(request), session_of(request).user
    async with state.database.transaction() as tx:
        await emails.cancel(tx, user.id, state.clock.now())
    return see_other(HERE)


async def show_confirm(request: Request) -> Response:
    """GET /email/confirm/{secret}: what the button will do; nothing is spent."""
    user, change = await LINK.get(request)
    return page(
        request,
        "profile/email_confirm.html",
        old_email=user.email,
        new_email=change.email,
        organisation=user.organisation_name,
        action=request.url.path,
    )


async def post_confirm(request: Request) -> Response:
    """POST /email/confirm/{secret}: the new address counts."""
    state = state_of(request)
    async with state.database.transaction() as tx:
        link = LINK.fingerprint(request)
        if await emails.apply(tx, state.outbox, link, state.clock.now()) is None:
            raise ProblemError(Problem.EMAIL_LINK_SPENT)
    state.courier.wake()
    return see_other(CONFIRMED)


async def show_confirmed(request: Request) -> Response:
    """Where the browser ends: the secret is in no address any more."""
    return page(request, "profile/email_confirmed.html")


async def _refused(request: Request, error: ProblemError, email: str) -> Response:
    """The page once more, with the address that was typed."""
    if error.problem is Problem.TOO_MANY_ATTEMPTS:
        wait = error.retry_after or 0
        said = say_of(request)(LOCKED).replace("{time}", clock(wait))
        response = await _form(request, 429, email=email, password_error=said)
        response.headers["retry-after"] = str(wait)
        return response
    if error.problem is Problem.SIGN_IN_REFUSED:
        return await _form(request, 422, email=email, password_error=WRONG_PASSWORD)
    if error.problem in (Problem.EMAIL_INVALID, Problem.EMAIL_UNCHANGED):
        return await _form(request, 422, email=email, email_error=error.problem.spec.title)
    raise error


async def _form(
    request: Request,
    status: int = 200,
    *,
    email: str = "",
    email_error: str = "",
    password_error: str = "",
) -> Response:
    state, session, say = state_of(request), session_of(request), say_of(request)
    pending = await emails.find_pending(state.database, session.user.id, state.clock.now())
    return desk_page(
        request,
        "profile/email.html",
        session,
        status,
        user=session.user,
        pending=pending,
        email=email,
        email_error=say(email_error),
        password_error=say(password_error),
        sends_mail=state.settings.sends_mail,
    )
