"""What a page says of its request: whose browser, which session, which language, from where."""

import ipaddress
from dataclasses import replace
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response
from structlog.testing import capture_logs

from kernel.html import Pages
from kernel.web.site import (
    browser_of,
    client_of,
    content_security_policy,
    csrf_token,
    csrf_token_matches,
    host_of,
    keep_browser,
    language_of,
    page,
    page_context,
    path_and_query,
    reference_of_request,
    say_of,
    see_other,
)
from support.small_site import request_of, site

SITE = site()
BROWSER = "b" * 43
PROXY = (ipaddress.ip_network("10.0.0.0/8"),)


def with_cookies(*, of: Any = SITE, **cookies: str) -> Request:
    """A request with cookies by their plain names."""
    header = "; ".join(f"{of.cookies.name(name)}={value}" for name, value in cookies.items())
    return request_of(of, ("cookie", header))


# --- CSRF -----------------------------------------------------------------------------------------


def test_a_token_holds_for_its_browser_and_session() -> None:
    token = csrf_token(with_cookies(browser=BROWSER, session="s"))
    assert csrf_token_matches(with_cookies(browser=BROWSER, session="s"), token)


@pytest.mark.parametrize(
    "cookies",
    [
        {"browser": "c" * 43, "session": "s"},
        {"browser": BROWSER, "session": "t"},
        {"browser": BROWSER},
        {"session": "s"},
        {},
        {"browser": BROWSER + "|", "session": "s"},
        {"browser": "short", "session": "s"},
        {"browser": "b" * 65, "session": "s"},
    ],
)
def test_a_token_is_worth_nothing_in_another_browser_or_session(cookies: dict[str, str]) -> None:
    token = csrf_token(with_cookies(browser=BROWSER, session="s"))
    assert not csrf_token_matches(with_cookies(**cookies), token)


@pytest.mark.parametrize("token", ["", "a", "é", "=" * 43, "A" * 10_000])
def test_a_token_cannot_be_guessed(token: str) -> None:
    assert not csrf_token_matches(with_cookies(browser=BROWSER, session="s"), token)


def test_a_browser_that_sent_no_cookie_has_no_token_yet() -> None:
    request = request_of(SITE)
    token = csrf_token(request)
    # the value that was made for this very request is not proof of anything
    assert not csrf_token_matches(request, token)


def test_a_token_made_with_the_earlier_secret_still_holds() -> None:
    earlier, now = site(secrets=("old",)), site(secrets=("new", "old"))
    token = csrf_token(with_cookies(of=earlier, browser=BROWSER))
    assert csrf_token_matches(with_cookies(of=now, browser=BROWSER), token)
    assert not csrf_token_matches(with_cookies(of=site(secrets=("new",)), browser=BROWSER), token)


def test_a_browser_gets_one_value_and_keeps_it() -> None:
    request, response = request_of(SITE), Response()
    value = browser_of(request)
    assert browser_of(request) == value
    keep_browser(request, response)
    assert f"__Host-la_browser={value};" in response.headers["set-cookie"]
    known, quiet = with_cookies(browser=value), Response()
    assert browser_of(known) == value
    keep_browser(known, quiet)
    assert "set-cookie" not in quiet.headers


# --- pages ----------------------------------------------------------------------------------------


def test_a_page_speaks_the_readers_language_and_says_what_it_depends_on() -> None:
    request = request_of(SITE, ("accept-language", "de"))
    response = page(request, "small.html", 418, refresh=7)
    assert response.status_code == 418
    assert response.headers["content-language"] == "de"
    assert response.headers["vary"] == "cookie, accept-language"
    assert response.headers["refresh"] == "7"
    assert "__Host-la_browser=" in response.headers["set-cookie"]
    assert "refresh" not in page(request, "small.html").headers


def test_texts_of_python_code_are_said_in_the_readers_language() -> None:
    spoken = replace(SITE, pages=Pages("kernel", "Kernel"))
    assert say_of(with_cookies(of=spoken, language="de"))("Try again") == "Erneut versuchen"
    assert say_of(with_cookies(of=spoken))("Try again") == "Try again"


def test_the_pickers_choice_beats_the_browser() -> None:
    cookies = f"{SITE.cookies.name('language')}=ja"
    request = request_of(SITE, ("accept-language", "de"), ("cookie", cookies))
    assert language_of(request) == "ja"


@pytest.mark.parametrize(("cookie", "theme"), [("dark", "dark"), ("<b>", "system"), ("", "system")])
def test_only_a_known_theme_is_shown(cookie: str, theme: str) -> None:
    assert page_context(with_cookies(theme=cookie)).theme == theme


def form_action_of(*targets: str) -> str:
    policy = page(request_of(SITE), "small.html", form_targets=targets).headers[
        "content-security-policy"
    ]
    (found,) = [d for d in policy.split("; ") if d.startswith("form-action ")]
    return found.removeprefix("form-action ")


def test_a_form_may_lead_where_the_page_says() -> None:
    """Chromium blocks the whole redirect chain of a form otherwise."""
    assert form_action_of() == "'self'"
    targets = ["https://b.example/cb?x=1", "http://localhost:3000/cb", "https://b.example/other"]
    assert form_action_of(*targets) == "'self' http://localhost:3000 https://b.example"
    assert form_action_of("com.example.app:/cb") == "'self' com.example.app:"
    assert form_action_of("http://[::1]:3000/cb") == "'self' http://[::1]:3000"


@pytest.mark.parametrize(
    "target",
    [
        "https://a.example;script-src/x",
        "https://a.example,b.example/x",
        "https://*/x",
        "https://a'unsafe-inline'/x",
        "a b:/x",
    ],
)
def test_a_target_cannot_widen_the_policy(target: str) -> None:
    assert form_action_of(target) == "'self'"


def test_policies_are_made_once() -> None:
    one = content_security_policy(("https://a.example",))
    assert content_security_policy(("https://a.example",)) is one


# --- redirects ------------------------------------------------------------------------------------


def test_after_a_form_comes_a_get() -> None:
    """RFC 9700 section 4.12: 307 would post the password again."""
    response = see_other("/next?a=1#b")
    assert response.status_code == 303
    assert response.headers["location"] == "/next?a=1#b"


@pytest.mark.parametrize("evil", ["\r\nSet-Cookie: a=1", "\n\n<script>", "\r", "\u2028", "\x00"])
def test_a_target_cannot_add_headers(evil: str) -> None:
    raw = see_other(f"https://client.example/cb?state={evil}").raw_headers
    assert {name for name, _ in raw} == {b"content-length", b"location"}
    location = dict(raw)[b"location"]
    assert not set(location) & set(b"\r\n\x00 ")


# --- what was asked for ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ({"path": "/a b", "raw_path": b"/a%20b"}, "/a%20b"),
        ({"path": "/a?b", "raw_path": b"/a%3Fb", "query_string": b"c=d"}, "/a%3Fb?c=d"),
        ({"path": "/a\r\nb", "raw_path": b"/a%0d%0ab"}, "/a%0d%0ab"),
        ({"path": "/é", "query_string": b"a=%C3%A9"}, "/%C3%A9?a=%C3%A9"),
        ({"path": "//evil.example", "raw_path": b"//evil.example"}, "//evil.example"),
    ],
)
def test_the_path_is_told_as_it_came(scope: dict[str, Any], expected: str) -> None:
    # a `Host` that was made up has no part in it
    request = request_of(SITE, ("host", "evil.example/x?y#z"), **scope)
    assert path_and_query(request) == expected
    assert page_context(request).path == expected


@pytest.mark.parametrize(
    ("base_url", "host", "same"),
    [
        ("https://site.example", "site.example", True),
        ("https://site.example", "SITE.example:443", True),
        ("https://SITE.example:443", "site.example", True),
        ("https://site.example:8443", "site.example:8443", True),
        ("https://site.example:8443", "site.example", False),
        ("http://localhost:3000", "localhost:3000", True),
        ("http://localhost:80", "localhost", True),
        ("http://localhost:3000", "127.0.0.1:3000", False),
        ("https://site.example", "site.example.evil.example", False),
        ("https://site.example", "site.example:80", False),
        ("https://site.example", "", False),
        ("https://[::1]:443", "[::1]", True),
    ],
)
def test_a_host_is_the_same_with_and_without_its_default_port(
    base_url: str, host: str, *, same: bool
) -> None:
    of = site(base_url)
    assert (host_of(request_of(of, ("host", host))) == of.netloc) is same


@pytest.mark.parametrize(
    ("peer", "trusted", "expected"),
    [
        ("10.0.0.1", PROXY, "site.example"),
        ("10.0.0.1", (), "internal:8000"),
        ("192.0.2.1", PROXY, "internal:8000"),
    ],
)
def test_only_a_trusted_proxy_tells_the_host_name(
    peer: str, trusted: tuple[Any, ...], expected: str
) -> None:
    headers = (("host", "internal:8000"), ("x-forwarded-host", "Site.example:443, inner"))
    assert host_of(request_of(site(trusted=trusted), *headers, address=peer)) == expected


def test_a_proxy_that_keeps_the_host_needs_no_other_header() -> None:
    request = request_of(site(trusted=PROXY), ("host", "site.example"), address="10.0.0.1")
    assert host_of(request) == "site.example"


def test_several_headers_of_forwarding_are_one_list() -> None:
    headers = (("x-forwarded-for", "127.0.0.1"), ("x-forwarded-for", "203.0.113.9, 10.0.0.2"))
    behind = request_of(site(trusted=PROXY), *headers, address="10.0.0.1")
    assert client_of(behind) == "203.0.113.9"
    assert client_of(request_of(SITE, *headers, address="10.0.0.1")) == "10.0.0.1"
    assert client_of(request_of(SITE, *headers, address=None)) == ""


def test_a_proxy_that_nobody_named_is_told_once() -> None:
    request = request_of(SITE, ("x-forwarded-for", "203.0.113.9"))
    with capture_logs() as logs:
        assert client_of(request) == client_of(request) == "192.0.2.1"
    assert [(event["event"], event["key"]) for event in logs] == [
        ("proxy.not_trusted", "TRUSTED_PROXIES")
    ]
    assert "203.0.113.9" not in str(logs)


def test_a_request_has_one_reference() -> None:
    request, other = request_of(SITE), request_of(SITE)
    assert reference_of_request(request) == reference_of_request(request)
    assert len(reference_of_request(request)) == 12
    assert reference_of_request(request) != reference_of_request(other)
    other.state.reference = "GIVENBYLOGIN"
    assert reference_of_request(other) == "GIVENBYLOGIN"
