"""Cookies that no other site, sub-domain, script or port can plant or read."""

import pytest
from starlette.responses import Response

from kernel.web.cookies import Cookies
from support.small_site import request_of, site

HTTPS = Cookies("la", 3000, secure=True)
HTTP = Cookies("la", 3000, secure=False)


def set_cookie_of(response: Response) -> tuple[str, set[str]]:
    """`name=value` and the attributes in lower case."""
    first, *others = response.headers["set-cookie"].split("; ")
    return first, {other.lower() for other in others}


def test_over_https_a_cookie_belongs_to_this_host_alone() -> None:
    response = Response()
    HTTPS.set(response, "session", "a-value")
    assert set_cookie_of(response) == (
        "__Host-la_session=a-value",
        {"path=/", "secure", "httponly", "samesite=lax"},
    )


def test_over_http_the_name_tells_system_and_port() -> None:
    """Safari and Python's cookie jars keep neither `__Host-` nor `Secure` over http."""
    response = Response()
    HTTP.set(response, "session", "a-value", max_age=60)
    assert set_cookie_of(response) == (
        "la_3000_session=a-value",
        {"path=/", "httponly", "samesite=lax", "max-age=60"},
    )


@pytest.mark.parametrize("cookies", [HTTPS, HTTP])
def test_a_cookie_is_deleted_with_the_attributes_it_was_set_with(cookies: Cookies) -> None:
    kept, deleted = Response(), Response()
    cookies.set(kept, "session", "a-value", max_age=60)
    cookies.delete(deleted, "session")
    name, attributes = set_cookie_of(deleted)
    assert name == f'{cookies.name("session")}=""'
    assert attributes == {a.replace("max-age=60", "max-age=0") for a in set_cookie_of(kept)[1]}


def test_a_value_cannot_add_attributes_or_headers() -> None:
    response = Response()
    HTTPS.set(response, "language", "de; Domain=evil.example\r\nSet-Cookie: a=1")
    header = response.headers["set-cookie"]
    assert "\r" not in header
    assert "\n" not in header
    assert header.count(";") == 4
    assert "domain" not in set_cookie_of(response)[1]


def test_a_cookie_of_another_system_port_or_scheme_is_not_read() -> None:
    planted = "; ".join(
        f"{name}=planted"
        for name in ("la_session", "la_3001_session", "ai_3000_session", "__Secure-la_session")
    )
    request = request_of(site(), ("cookie", planted + "; __Host-la_session=own; la_3000_session=b"))
    assert HTTPS.get(request, "session") == "own"
    assert HTTP.get(request, "session") == "b"
    assert Cookies("ai", 8000, secure=True).get(request, "session") is None


def test_cookies_of_one_kind_are_listed_by_the_rest_of_their_name() -> None:
    request = request_of(
        site(), ("cookie", "__Host-la_flow_a=1; __Host-la_flow_b=2; la_3000_flow_c=3; flow_d=4")
    )
    assert HTTPS.named(request, "flow_") == {"a": "1", "b": "2"}
    assert HTTP.named(request, "flow_") == {"c": "3"}
