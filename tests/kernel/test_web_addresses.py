"""Nobody is led to another site, and nobody claims another's address."""

import ipaddress
from collections.abc import Iterator
from itertools import product
from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from playwright.sync_api import Page, sync_playwright

from kernel.web.addresses import (
    LONGEST_RETURN,
    client_address,
    is_trusted,
    origin_of,
    safe_return_url,
)
from support.chromium import launch_options

SITE = "https://site.example"
# What makes a browser read an address in another way than it looks.
PIECES = (
    "/",
    "\\",
    "\t",
    "\n",
    "\r",
    " ",
    "\x00",
    ":",
    "@",
    "?",
    "#",
    "%2f",
    "%5c",
    "..",
    ".",
    ";",
)
WORDS = ("evil.example", "https", "javascript", "//", "a", "[", "]", "%09", "\u3002", "\uff0f", "é")


def as_a_browser_reads(target: str) -> str:
    """The origin to which a browser goes from our site (WHATWG URL, 4.4)."""
    target = target.strip("".join(map(chr, range(0x21))))
    for character in "\t\n\r":
        target = target.replace(character, "")
    return origin_of(urljoin(SITE + "/login", target.replace("\\", "/")))


@pytest.mark.parametrize(
    "target",
    [
        "/",
        "/app/accounts/1/dashboard",
        "/app?page=2&sort=name#top",
        "/search?q=%C3%A9+%2F%2Fevil.example",
        "/a:b@c;d=e,f",
        "/login?return_to=https://evil.example/",
        "/..//evil.example",
    ],
)
def test_a_path_of_this_site_is_kept_as_it_is(target: str) -> None:
    assert safe_return_url(target) == target


@pytest.mark.parametrize(
    "target",
    [
        None,
        "",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "\\/evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "\t//evil.example",
        " //evil.example",
        "/ /evil.example",
        "/\x00/evil.example",
        "/\x7f",
        "/\x85/evil.example",
        "https:evil.example",
        "https://evil.example",
        "HTTPS:/evil.example",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "%2f%2fevil.example",
        "evil.example",
        "?next",
        "#top",
        "@evil.example",
        ".evil.example",
        "/é",
        "/\u2028",
        "/a\r\nSet-Cookie: a=1",
        "/" + "a" * LONGEST_RETURN,
    ],
)
def test_everything_else_is_refused_whole(target: str | None) -> None:
    """Lesson 71."""
    assert safe_return_url(target) is None


@given(st.lists(st.sampled_from(PIECES + WORDS) | st.text(max_size=3), max_size=8).map("".join))
@example("/\t/evil.example")
@example("/.//evil.example")
def test_what_is_accepted_never_leaves_the_site(target: str) -> None:
    """Lesson 71."""
    accepted = safe_return_url(target)
    if accepted is not None:
        assert accepted == target
        assert as_a_browser_reads(accepted) == SITE
        assert urlsplit(SITE + accepted).netloc == "site.example"


@pytest.fixture(scope="module")
def blank_page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(**launch_options())  # type: ignore[arg-type]
        yield opened.new_page()
        opened.close()


def test_a_real_browser_agrees(blank_page: Page) -> None:
    """Lesson 71: thousands of twisted addresses, resolved by Chromium itself."""
    twisted = {"/" + "".join(parts) for parts in product(PIECES + WORDS, repeat=3)}
    accepted = sorted(t for t in twisted if safe_return_url(t) is not None)
    assert len(accepted) > 1000
    away = blank_page.evaluate(
        """([targets, site]) => targets.filter(target => {
            try { return new URL(target, site + '/login').origin !== site }
            catch { return false }
        })""",
        [accepted, SITE],
    )
    assert away == []
    left = ["//evil.example", "/\t/evil.example", "/\\evil.example"]  # the page can tell
    script = "([t, site]) => t.map(x => new URL(x, site + '/login').host)"
    assert blank_page.evaluate(script, [left, SITE]) == ["evil.example"] * 3


# --- who asks -------------------------------------------------------------------------------------

PROXIES = tuple(map(ipaddress.ip_network, ("10.0.0.0/8", "192.0.2.7/32", "fd00::/8")))


@pytest.mark.parametrize(
    ("peer", "header", "client"),
    [
        # nobody between
        ("198.51.100.1", "", "198.51.100.1"),
        ("198.51.100.1", "203.0.113.9", "198.51.100.1"),
        ("2001:db8::1", "203.0.113.9", "2001:db8::1"),
        ("", "203.0.113.9", ""),
        ("testclient", "203.0.113.9", "testclient"),
        # one proxy; the client's own inventions stand to the left
        ("10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "127.0.0.1, 203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "10.0.0.5, 203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", " , ", "10.0.0.1"),
        # a chain
        ("10.0.0.1", "203.0.113.9, 192.0.2.7", "203.0.113.9"),
        ("10.0.0.1", "203.0.113.9,198.51.100.8,10.2.2.2", "198.51.100.8"),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        # what is no address ends the chain at whoever wrote it
        ("10.0.0.1", "203.0.113.9, unknown", "10.0.0.1"),
        ("10.0.0.1", "203.0.113.9, <script>, 10.0.0.2", "10.0.0.2"),
        ("10.0.0.1", "203.0.113.9, _hidden", "10.0.0.1"),
        ("10.0.0.1", "1.2.3.4.5", "10.0.0.1"),
        ("10.0.0.1", "[203.0.113.9", "10.0.0.1"),
        # ports
        ("10.0.0.1", "203.0.113.9:4711", "203.0.113.9"),
        ("10.0.0.1", "[2001:db8::1]:4711", "2001:db8::1"),
        ("10.0.0.1", "[2001:db8::1]", "2001:db8::1"),
        ("10.0.0.1", "203.0.113.9:4711:1", "10.0.0.1"),
        # IPv6, and IPv4 written as IPv6
        ("fd00::1", "2001:DB8:0:0::1", "2001:db8::1"),
        ("fe80::1%eth0", "203.0.113.9", "fe80::1"),
        ("::ffff:10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("::ffff:198.51.100.1", "203.0.113.9", "198.51.100.1"),
        ("10.0.0.1", "203.0.113.9, ::ffff:10.0.0.2", "203.0.113.9"),
        ("10.0.0.1", "::ffff:203.0.113.9", "203.0.113.9"),
    ],
)
def test_the_client_is_the_last_one_whom_no_proxy_of_ours_stands_for(
    peer: str, header: str, client: str
) -> None:
    assert client_address(peer, header, PROXIES) == client


@given(st.text(max_size=50), st.ip_addresses(v=4))
def test_a_client_cannot_choose_its_address(invented: str, real: ipaddress.IPv4Address) -> None:
    if any(real in network for network in PROXIES if network.version == 4):
        return
    assert client_address("10.0.0.1", f"{invented}, {real}", PROXIES) == str(real)
    assert client_address(str(real), invented, PROXIES) == str(real)
    assert client_address("10.0.0.1", f"{invented}, {real}", ()) == "10.0.0.1"


def test_a_name_is_no_proxy() -> None:
    assert is_trusted("10.9.9.9", PROXIES)
    assert not is_trusted("proxy.internal", PROXIES)
    assert not is_trusted("", PROXIES)
    assert not is_trusted("10.9.9.9", ())


# --- origins --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Example.com/path?a=1", "https://example.com"),
        ("https://example.com:443", "https://example.com"),
        ("http://example.com:80/", "http://example.com"),
        ("http://example.com:443", "http://example.com:443"),
        ("https://example.com:8443", "https://example.com:8443"),
        ("https://[2001:DB8::1]:8443/", "https://[2001:db8::1]:8443"),
        ("http://[::1]", "http://[::1]"),
        ("com.example.app:/callback", "com.example.app:"),
        ("com.example.app://host/callback", "com.example.app://host"),
    ],
)
def test_an_origin_is_written_as_browsers_write_it(url: str, origin: str) -> None:
    assert origin_of(url) == origin
