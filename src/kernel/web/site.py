"""What one application's pages share, and how a page is answered."""

import functools
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from kernel import languages
from kernel.clock import Clock
from kernel.html import PageContext, Pages
from kernel.keyring import KeyRing
from kernel.log import get_logger
from kernel.opaque import fingerprint, new_reference, new_secret
from kernel.web.addresses import Network, client_address, is_trusted, origin_of
from kernel.web.cookies import Cookies

log = get_logger(__name__)

YEAR = 31_536_000
THEMES = ("system", "light", "dark")
DEFAULT_PORTS = {"http": ":80", "https": ":443"}
# What may stand in a policy: `https://host:port`, or an app's own scheme.
POLICY_SOURCE = re.compile(r"[a-z][a-z0-9+.-]*:(//[a-z0-9._-]+(:\d+)?|//\[[0-9a-f:.]+\](:\d+)?)?")


@dataclass(frozen=True, slots=True)
class Site:
    """Made once by `build_app` and kept in `app.state.site`.

    `base_url` is where browsers find the pages; `session_cookie` names the cookie whose value
    CSRF tokens are bound to, `key_text` writes the key of a setting for operators.
    """

    base_url: str
    pages: Pages
    keyring: KeyRing
    cookies: Cookies
    clock: Clock
    trusted_proxies: Sequence[Network] = ()
    support_url: str | None = None
    session_cookie: str = "session"
    key_text: Callable[[str], str] = str
    origin: str = field(init=False)
    netloc: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "origin", origin_of(self.base_url))
        object.__setattr__(self, "netloc", self.origin.partition("://")[2])


def site_of(request: Request) -> Site:
    """The site of the application that serves this request."""
    return cast("Site", request.app.state.site)


def reference_of_request(request: Request) -> str:
    """The reference id of this request; a login's pages set `request.state.reference` first."""
    known = getattr(request.state, "reference", None)
    if known is None:
        known = request.state.reference = new_reference()
    return str(known)


def client_of(request: Request) -> str:
    """The client's address, through trusted proxies only."""
    forwarded = ",".join(request.headers.getlist("x-forwarded-for"))
    if forwarded and not site_of(request).trusted_proxies:
        _warn_of_unread_header(request)
    return client_address(_peer(request), forwarded, site_of(request).trusted_proxies)


def _warn_of_unread_header(request: Request) -> None:
    """Once: behind a proxy that is not named, all people are one network and lock each other."""
    if not getattr(request.app.state, "unread_header_noted", False):
        request.app.state.unread_header_noted = True
        log.warning("proxy.not_trusted", header="X-Forwarded-For", key="TRUSTED_PROXIES")


def host_of(request: Request) -> str:
    """Host and port that the browser asked for, written as `Site.netloc` is."""
    site = site_of(request)
    asked = request.headers.get("host", "")
    if is_trusted(_peer(request), site.trusted_proxies):  # some proxies put their own name there
        asked = request.headers.get("x-forwarded-host", asked).partition(",")[0].strip()
    return asked.lower().removesuffix(DEFAULT_PORTS[site.origin.partition(":")[0]])


def path_and_query(request: Request) -> str:
    """What was asked for, as it came: escapes stay escapes."""
    raw: bytes = request.scope.get("raw_path") or quote(request.scope["path"]).encode()
    query: bytes = request.scope["query_string"]
    return (raw + b"?" + query if query else raw).decode("latin-1")


def _peer(request: Request) -> str:
    return request.client.host if request.client else ""


def language_of(request: Request) -> str:
    """The picker's choice, else the browser's wish."""
    chosen = site_of(request).cookies.get(request, "language")
    return languages.choose(chosen, request.headers.get("accept-language"))


def say_of(request: Request) -> languages.Say:
    """Texts of Python code in the reader's language."""
    pages, language = site_of(request).pages, language_of(request)
    return lambda text: pages.text(language, text)


def browser_of(request: Request) -> str:
    """A random value that this browser keeps; made here if it has none, sent by `page`."""
    known: str | None = getattr(request.state, "browser", None)
    if known is None:
        known = site_of(request).cookies.get(request, "browser")
        if known is None or not 40 <= len(known) <= 64:  # noqa: PLR2004 - as `new_secret` makes it
            known = new_secret()
            request.state.new_browser = True
        request.state.browser = known
    return known


def csrf_token(request: Request) -> str:
    """The token for forms of this page: bound to this browser and to its session."""
    site = site_of(request)
    return site.keyring.mac("csrf", _csrf_subject(request, site))


def csrf_token_matches(request: Request, token: str) -> bool:
    """Is the posted token of this browser and session?"""
    site = site_of(request)
    if site.cookies.get(request, "browser") is None:
        return False
    return site.keyring.mac_matches("csrf", _csrf_subject(request, site), token)


def _csrf_subject(request: Request, site: Site) -> str:
    session = site.cookies.get(request, site.session_cookie) or ""
    return f"{browser_of(request)}|{fingerprint(session)}"


def page_context(request: Request) -> PageContext:
    """What every template is told of its request."""
    theme = site_of(request).cookies.get(request, "theme")
    return PageContext(
        language=language_of(request),
        csrf_token=csrf_token(request),
        theme=theme if theme in THEMES else "system",
        path=path_and_query(request),
        reference=reference_of_request(request),
    )


def page(
    request: Request,
    template: str,
    status: int = 200,
    *,
    form_targets: Iterable[str] = (),
    refresh: int | None = None,
    **values: object,
) -> Response:
    """A page in the reader's language.

    `form_targets` are validated URLs to which a form of this page leads in the end: Chromium blocks
    a redirect chain out of a form unless `form-action` names them all. `refresh` reloads the page
    after so many seconds, for a countdown without JavaScript.
    """
    site = site_of(request)
    response = HTMLResponse(site.pages.render(template, page_context(request), **values), status)
    response.headers["content-security-policy"] = content_security_policy(
        tuple(sorted({origin_of(target) for target in form_targets}))
    )
    response.headers["content-language"] = language_of(request)
    response.headers["vary"] = "cookie, accept-language"
    if refresh is not None:
        response.headers["refresh"] = str(refresh)
    keep_browser(request, response)
    return response


def keep_browser(request: Request, response: Response) -> None:
    """Send the browser's value if it was made in this request."""
    if getattr(request.state, "new_browser", False):
        site_of(request).cookies.set(response, "browser", browser_of(request))


def see_other(url: str) -> Response:
    """303: the next request is a GET (never 307: RFC 9700 section 4.12)."""
    return RedirectResponse(url, status_code=303)


@functools.lru_cache(maxsize=256)
def content_security_policy(form_origins: tuple[str, ...] = ()) -> str:
    """Nothing but our own files; no inline script or style, no frame.

    An origin that could end the directive is left out: its form is blocked, nothing is opened.
    """
    forms = " ".join(("'self'", *filter(POLICY_SOURCE.fullmatch, form_origins)))
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        f"connect-src 'self'; base-uri 'none'; form-action {forms}; frame-ancestors 'none'"
    )
