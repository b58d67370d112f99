"""The login page, also shown again after a refusal, with what was typed except the password."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from cognigy_ai.oauth.authorization import Authorization
from kernel.languages import n_
from kernel.web.site import language_of, page, site_of

LOGIN = "/login"
OUT_OF_DATE = n_(
    "This page was out of date, and nothing was sent. Please sign in again. If this comes back, "
    "allow cookies for this site in your browser."
)


@dataclass(frozen=True, slots=True)
class LoginForm:
    """What the page says and holds. `query`: the address's own, where it is the plain login."""

    authorization: Authorization | None = None
    query: str = ""
    email: str = ""
    keep_signed_in: bool = False
    error: str = ""
    more: str = ""  # what can be done about it
    notice: str = ""
    wait_seconds: int = 0


def show_login(request: Request, form: LoginForm, status: int = 200) -> Response:
    """The page. A lock counts down; the page reloads itself when it is over."""
    asked = form.authorization
    query = asked.query if asked is not None else form.query
    hinted = asked.request.login_hint if asked is not None else ""
    response = page(
        request,
        "oauth/login.html",
        status,
        form_targets=[asked.request.redirect_uri] if asked is not None else (),
        refresh=form.wait_seconds or None,
        action=f"{LOGIN}?{query}" if query else LOGIN,
        organisations_href=f"{LOGIN}/organisations?{query}" if query else f"{LOGIN}/organisations",
        application=asked.client.name if asked is not None else "",
        email=form.email or hinted,
        keep_signed_in=form.keep_signed_in,
        error=_in_language(request, form.error),
        more=_in_language(request, form.more),
        notice=_in_language(request, form.notice),
        wait_seconds=form.wait_seconds,
    )
    if form.wait_seconds:
        response.headers["retry-after"] = str(form.wait_seconds)
    return response


def _in_language(request: Request, text: str) -> str:
    return site_of(request).pages.text(language_of(request), text)
