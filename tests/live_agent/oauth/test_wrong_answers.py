"""Answers that the standards do not know: the precise fault in the log, the exact sentence.

Each test starts from the login that succeeds and changes one thing at the provider.
"""

import socket
import ssl
from collections.abc import Callable

import httpx
import pytest
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from kernel.db import Database
from support.clock import FrozenClock
from support.oauth_desk import (
    CONFIGURATION,
    Desk,
    environment_of,
    failed_page,
    log_in,
    refused_login,
    running_desk,
    start,
)
from support.provider import ABSENT, Provider


@pytest.fixture(params=["sqlite"])
def engine(request: pytest.FixtureRequest) -> str:
    """What the provider does wrong is the same on both databases; test_login.py runs on both."""
    return str(request.param)


def html() -> Response:
    return HTMLResponse("<h1>Welcome to nginx</h1>")


def elsewhere() -> Response:
    return RedirectResponse("http://service-api.internal:8080/token?secret=1", 302)


def a_list() -> Response:
    return JSONResponse([1, 2])


def nothing() -> Response:
    return Response(status_code=204)


def huge() -> Response:
    return JSONResponse({"access_token": "x" * 1_100_000})


def not_found() -> Response:
    return HTMLResponse("not found", 404)


def broken() -> Response:
    return HTMLResponse("oops", 500)


@pytest.mark.parametrize("endpoint", ["token_endpoint", "discovery", "jwks"])
@pytest.mark.parametrize(
    ("answer", "ending"),
    [
        (html, "answered_nonsense"),
        (a_list, "answered_nonsense"),
        (nothing, "answered_nonsense"),
        (huge, "answered_nonsense"),
        (not_found, "answered_nonsense"),
        (broken, "answered_nonsense"),
        (elsewhere, "redirected"),
    ],
)
async def test_an_endpoint_that_answers_nonsense_is_named(
    desk: Desk, answer: Callable[[], Response], ending: str, endpoint: str
):
    """Lesson 61 belongs to it: no redirect is followed, the inner address is not shown."""
    paths = {"token_endpoint": "/token", "discovery": WELL_KNOWN, "jwks": "/jwks"}
    desk.provider.answers[paths[endpoint]] = answer
    async with desk.browser() as browser:
        if endpoint == "discovery":  # needed before the browser can be sent anywhere
            page = await failed_page(browser, await browser.get("/omniauth/cognigy"))
        else:
            page = await failed_page(browser, await log_in(desk, browser))
    assert page.status_code == 500
    assert CONFIGURATION in page.text
    assert desk.refusal()["fault"] == f"{endpoint}_{ending}"
    assert "service-api.internal" not in page.text
    assert desk.provider.url not in page.text
    assert "secret=1" not in repr(desk.events)


async def test_a_key_set_that_is_none_is_named(desk: Desk, browser: httpx.AsyncClient):
    desk.provider.answers["/jwks"] = lambda: JSONResponse({"keys": "none"})
    await refused_login(desk, browser, "jwks_answered_nonsense")


WELL_KNOWN = "/.well-known/openid-configuration"


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        ("invalid_client", "secret_rejected"),
        ("unauthorized_client", "client_unknown"),
        ("invalid_scope", "scope_refused"),
        ("invalid_request", "token_request_refused"),
        ("unsupported_grant_type", "token_request_refused"),
    ],
)
async def test_each_refusal_of_the_token_endpoint_is_named(
    desk: Desk, browser: httpx.AsyncClient, error: str, fault: str
):
    desk.provider.answers["/token"] = lambda: JSONResponse({"error": error}, 400)
    await refused_login(desk, browser, fault)


def overtaken() -> Response:
    return JSONResponse({"error": "invalid_grant", "error_description": "the code is void"}, 400)


async def test_a_code_that_was_overtaken_begins_the_login_once_more(
    desk: Desk, browser: httpx.AsyncClient
):
    """DESIGN section 3 rule 8: somebody was signed out everywhere before the code was redeemed."""
    desk.provider.answers["/token"] = overtaken
    again = await log_in(desk, browser)
    assert again.headers["location"].startswith(desk.provider.url)
    (event,) = [one for one in desk.events if one["event"] == "login.restarted"]
    assert (event["fault"], event["detail"]) == (
        "grant_refused",
        "400 invalid_grant: the code is void",
    )
    del desk.provider.answers["/token"]
    await browser.get(desk.provider.log_in(again.headers["location"]))
    assert (await browser.get(desk.dashboard)).status_code == 200


async def test_the_second_code_that_is_refused_is_told_truthfully(
    desk: Desk, browser: httpx.AsyncClient
):
    """Once, not for ever; the person reads no fault of a configuration, the log has the reason."""
    desk.provider.answers["/token"] = overtaken
    again = await log_in(desk, browser)
    answer = await browser.get(desk.provider.log_in(again.headers["location"]))
    page = await failed_page(browser, answer)
    assert page.status_code == 400
    assert "The login took too long or was interrupted" in page.text
    assert CONFIGURATION not in page.text
    event = desk.refusal()
    assert (event["problem"], event["fault"]) == ("login_expired", "grant_refused")
    assert "the code is void" in event["detail"]


async def test_a_wrong_redirect_uri_names_itself_at_once(desk: Desk, browser: httpx.AsyncClient):
    said = {"error": "invalid_grant", "error_description": "redirect_uri differs"}
    desk.provider.answers["/token"] = lambda: JSONResponse(said, 400)
    await refused_login(desk, browser, "redirect_uri_differs")


@pytest.mark.parametrize(
    "desk", [{"COGNIGY_OAUTH_CLIENT_SECRET": "another-secret-of-these-tests"}], indirect=True
)
async def test_a_wrong_secret_is_named_with_the_keys_of_both_sides(
    desk: Desk, browser: httpx.AsyncClient
):
    event = await refused_login(desk, browser, "secret_rejected")
    assert "COGNIGY_OAUTH_CLIENT_SECRET" in event["keys"]
    assert "CLIENT_SECRET_COGNIGY_LIVE_AGENT" in event["keys"]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"id_token": ABSENT}, "id_token_missing"),
        ({"id_token": 7}, "id_token_malformed"),
        ({"access_token": ABSENT}, "token_endpoint_answered_nonsense"),
        ({"token_type": "mac"}, "token_endpoint_answered_nonsense"),
    ],
    ids=["no id token", "a number", "no access token", "another type"],
)
async def test_a_token_response_that_lacks_something_is_named(
    desk: Desk, browser: httpx.AsyncClient, changes: dict[str, object], fault: str
):
    desk.provider.tokens |= changes
    await refused_login(desk, browser, fault)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"issuer": "https://another.example"}, "issuer_differs"),
        ({"issuer": ABSENT}, "issuer_differs"),
        ({"authorization_endpoint": ABSENT}, "discovery_incomplete"),
        ({"authorization_endpoint": "javascript:alert(1)"}, "discovery_incomplete"),
        ({"authorization_endpoint": ["https://x.example"]}, "discovery_incomplete"),
        ({"authorization_endpoint": "https://[x"}, "discovery_incomplete"),
    ],
    ids=["another issuer", "no issuer", "no endpoint", "a script", "a list", "no address"],
)
async def test_a_discovery_document_that_cannot_be_used_is_named(
    desk: Desk, browser: httpx.AsyncClient, changes: dict[str, object], fault: str
):
    """OpenID Connect Discovery section 4.3."""
    desk.provider.metadata |= changes
    page = await failed_page(browser, await browser.get("/omniauth/cognigy"))
    assert CONFIGURATION in page.text
    assert desk.refusal()["fault"] == fault


async def test_endpoints_that_only_the_callback_needs_are_missed_there(
    desk: Desk, browser: httpx.AsyncClient
):
    desk.provider.metadata["token_endpoint"] = ABSENT
    await refused_login(desk, browser, "discovery_incomplete")


@pytest.mark.parametrize("status", [503, 429])
async def test_a_provider_that_says_it_is_down_is_believed(
    desk: Desk, browser: httpx.AsyncClient, status: int
):
    desk.provider.answers["/token"] = lambda: HTMLResponse("maintenance", status)
    page = await failed_page(browser, await log_in(desk, browser))
    assert page.status_code == 503
    assert "Cognigy.AI cannot log you in at the moment" in page.text


@pytest.mark.parametrize("desk", [{"COGNIGY_OAUTH_TIMEOUT_SECONDS": "1"}], indirect=True)
async def test_a_slow_token_endpoint_is_named(desk: Desk, browser: httpx.AsyncClient):
    location = await start(browser)
    callback = desk.provider.log_in(location)
    desk.provider.delay = 1.5
    await failed_page(browser, await browser.get(callback))
    assert desk.refusal()["fault"] == "token_endpoint_timed_out"


def closed_port() -> int:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return int(unused.getsockname()[1])


@pytest.mark.parametrize(
    ("key", "fault"),
    [
        ("COGNIGY_OAUTH_TOKEN_URL", "token_endpoint_unreachable"),
        ("COGNIGY_OAUTH_JWKS_URL", "jwks_unreachable"),
    ],
)
async def test_an_endpoint_where_nobody_listens_is_named(
    database: Database, clock: FrozenClock, provider: Provider, key: str, fault: str
):
    address = f"http://localhost:{closed_port()}/x"
    environment = environment_of(provider, **{key: address})
    async with (
        running_desk(database, clock, provider, environment) as desk,
        desk.browser() as browser,
    ):
        await refused_login(desk, browser, fault)


async def test_a_provider_that_is_down_is_named_at_the_start(
    database: Database, clock: FrozenClock, provider: Provider
):
    address = f"http://localhost:{closed_port()}"
    environment = environment_of(provider, COGNIGY_OAUTH_SITE=address)
    async with (
        running_desk(database, clock, provider, environment) as desk,
        desk.browser() as browser,
    ):
        page = await failed_page(browser, await browser.get("/omniauth/cognigy?return_to=/x"))
    assert CONFIGURATION in page.text
    assert desk.refusal()["fault"] == "discovery_unreachable"
    assert "/omniauth/cognigy?return_to=%2Fx" in page.text, "the way on keeps the target"


@pytest.mark.parametrize("iss", ["https://evil.example", ""])
async def test_the_answer_of_another_issuer_costs_no_token_request(
    desk: Desk, browser: httpx.AsyncClient, iss: str
):
    """RFC 9207 section 2.4: mix-up; a provider that sends `iss` always sends it."""
    location = await start(browser)
    page = await failed_page(browser, await browser.get(desk.provider.log_in(location, iss=iss)))
    assert CONFIGURATION in page.text
    assert desk.refusal()["fault"] == "issuer_differs"
    assert desk.provider.called("/token") == []


async def test_a_provider_that_does_not_send_the_issuer_need_not(
    desk: Desk, browser: httpx.AsyncClient
):
    desk.provider.metadata["authorization_response_iss_parameter_supported"] = ABSENT
    assert (await log_in(desk, browser, iss="")).headers["location"] == desk.dashboard


@pytest.mark.parametrize(
    ("error", "status", "sentence", "fault"),
    [
        ("access_denied", 403, "The login was cancelled", None),
        ("temporarily_unavailable", 503, "Cognigy.AI cannot log you in at the moment", None),
        ("server_error", 503, "Cognigy.AI cannot log you in at the moment", None),
        ("login_required", 400, "The login took too long or was interrupted", None),
        ("invalid_scope", 500, CONFIGURATION, "scope_refused"),
        ("unauthorized_client", 500, CONFIGURATION, "client_unknown"),
        ("invalid_request", 500, CONFIGURATION, "request_refused"),
    ],
)
async def test_each_error_of_the_login_page_is_told(
    desk: Desk,
    browser: httpx.AsyncClient,
    error: str,
    status: int,
    sentence: str,
    fault: str | None,
):
    location = await start(browser)
    callback = desk.provider.refuse(location, error, error_description="<b>because</b>")
    page = await failed_page(browser, await browser.get(callback))
    assert page.status_code == status
    assert sentence in page.text
    assert "because" not in page.text, "nobody can write on our page by a link"
    assert desk.refusal().get("fault") == fault
    assert desk.provider.called("/token") == []


async def test_neither_code_nor_error_is_named(desk: Desk, browser: httpx.AsyncClient):
    location = await start(browser)
    page = await failed_page(browser, await browser.get(desk.provider.log_in(location, code="")))
    assert CONFIGURATION in page.text
    assert desk.refusal()["fault"] == "response_malformed"


def test_every_fault_can_be_looked_up():
    from kernel.outgoing import Failure
    from live_agent.cognigy_api.faults import Endpoint, fault_of

    found = {fault_of(endpoint, failure) for endpoint in Endpoint for failure in Failure}
    assert len(found) == 4 * 8


def test_the_default_tls_context_verifies():
    """Lesson 61: nothing in the project switches verification off."""
    context = ssl.create_default_context()
    assert context.verify_mode is ssl.CERT_REQUIRED
