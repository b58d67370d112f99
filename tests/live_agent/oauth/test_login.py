"""The login as a person's browser sees it: start, callback, what lies between."""

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
import pytest
from starlette.responses import JSONResponse

from kernel.db import Database
from kernel.opaque import reference_of
from live_agent.agents import actions as agents
from support.clock import FrozenClock
from support.oauth_desk import (
    START,
    Desk,
    environment_of,
    failed_page,
    log_in,
    refused_login,
    running_desk,
    start,
)
from support.provider import ABSENT, CLIENT_ID, KEYS, ORGANISATION, Provider, compact
from support.visitor import form_with


def query_of(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query, strict_parsing=True))


async def test_a_person_logs_in_and_stands_in_the_dashboard(desk: Desk, browser: httpx.AsyncClient):
    answer = await log_in(desk, browser)
    assert (answer.status_code, answer.headers["location"]) == (303, desk.dashboard)
    page = await browser.get(desk.dashboard)
    assert page.status_code == 200
    assert "Ada Lovelace" in page.text


async def test_the_browser_is_sent_to_the_provider_with_fresh_secrets(
    desk: Desk, browser: httpx.AsyncClient
):
    one, other = query_of(await start(browser)), query_of(await start(browser))
    assert one["marker"] == "1"  # the provider's own parameter
    assert one["client_id"] == CLIENT_ID
    assert one["redirect_uri"] == "http://localhost:3000/omniauth/cognigy/callback"
    assert one["code_challenge_method"] == "S256"
    assert one["scope"].split()[0] == "openid"
    for secret in ("state", "nonce", "code_challenge"):
        assert one[secret] != other[secret]
        assert len(one[secret]) >= 43


async def test_the_first_half_of_a_login_costs_no_statement(desk: Desk, browser: httpx.AsyncClient):
    before = (desk.database.statements, desk.database.transactions)
    await start(browser)
    assert (desk.database.statements, desk.database.transactions) == before


async def test_a_login_costs_exactly_so_many_statements(desk: Desk, browser: httpx.AsyncClient):
    """DESIGN section 8: the number of statements and transactions is the budget."""
    await log_in(desk, browser)  # makes the user
    async with desk.browser() as again:
        location = await start(again)
        callback = desk.provider.log_in(location)
        statements, transactions = desk.database.statements, desk.database.transactions
        await again.get(callback)
    # the state is claimed; then in one transaction: who is it, the user refreshed, replaced
    # sessions ended, the new session, the audit trail
    assert desk.database.transactions - transactions == 2
    assert desk.database.statements - statements == 7


async def test_a_login_asks_the_provider_once(desk: Desk, browser: httpx.AsyncClient):
    await log_in(desk, browser)
    provider = desk.provider
    provider.calls.clear()
    async with desk.browser() as again:
        await log_in(desk, again)
    assert [call.path for call in provider.calls] == ["/token"]


async def test_both_systems_know_the_login_by_one_reference(desk: Desk, browser: httpx.AsyncClient):
    location = await start(browser)
    await browser.get(desk.provider.log_in(location))
    reference = reference_of(query_of(location)["state"])
    assert desk.provider.called("/token")[0].headers["x-reference"] == reference
    assert {e["reference"] for e in desk.events if e["event"] == "login.started"} == {reference}


@pytest.mark.parametrize(
    "desk", [{"COGNIGY_OAUTH_CLIENT_AUTH": "client_secret_basic"}], indirect=True
)
async def test_the_client_may_authenticate_by_http_basic(desk: Desk, browser: httpx.AsyncClient):
    answer = await log_in(desk, browser)
    assert answer.headers["location"] == desk.dashboard
    call = desk.provider.called("/token")[0]
    assert call.headers["authorization"].startswith("Basic ")
    assert "client_secret" not in call.form


@pytest.mark.parametrize("alg", ["ES256", "RS256", "EdDSA"])
async def test_each_accepted_algorithm_logs_in(desk: Desk, browser: httpx.AsyncClient, alg: str):
    desk.provider.key = KEYS[alg]
    assert (await log_in(desk, browser)).headers["location"] == desk.dashboard


async def test_what_is_missing_or_more_than_needed_is_accepted(
    desk: Desk, browser: httpx.AsyncClient
):
    """RFC 6749 section 5.1 and OIDC Core section 3.1.3.7: optional members, extra members."""
    desk.provider.tokens |= {"expires_in": ABSENT, "refresh_token": ABSENT, "more": {"x": 1}}
    desk.provider.claims |= {"aud": [CLIENT_ID], "at_hash": ABSENT, "azp": CLIENT_ID, "more": [1]}
    desk.provider.tokens["token_type"] = "bearer"
    assert (await log_in(desk, browser)).headers["location"] == desk.dashboard


# --- where to go afterwards -----------------------------------------------------------------------


async def test_the_requested_page_is_kept_through_the_login(desk: Desk, browser: httpx.AsyncClient):
    target = f"/app/accounts/{desk.account_id}/profile?tab=1&x=%2F"
    page = await browser.get(target)
    login = await browser.get(page.headers["location"])
    assert login.status_code == 200
    button = f"{START}?return_to="
    assert button in login.text
    answer = await log_in(desk, browser, str(httpx.URL(START, params={"return_to": target})))
    assert answer.headers["location"] == target


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https:evil.example",
        "https://evil.example/",
        "javascript:alert(1)",
        "/\tevil.example",
        "/ /evil.example",
        "http:///evil.example",
        "evil.example",
        "",
    ],
)
async def test_a_login_never_leads_to_another_site(
    desk: Desk, browser: httpx.AsyncClient, target: str
):
    """Lesson 71: open redirect after login."""
    answer = await log_in(desk, browser, str(httpx.URL(START, params={"return_to": target})))
    assert answer.headers["location"] == desk.dashboard
    again = await browser.get("/login", params={"return_to": target})
    assert again.headers["location"] == desk.dashboard


async def test_the_target_is_bound_to_the_login_and_no_parameter_of_the_callback_changes_it(
    desk: Desk, browser: httpx.AsyncClient
):
    """Lesson 68: state is bound to its target."""
    location = await start(browser)
    callback = desk.provider.log_in(location, return_to="/app/elsewhere", target="/app/elsewhere")
    assert (await browser.get(callback)).headers["location"] == desk.dashboard


@pytest.mark.parametrize(
    "name", ["site", "token_url", "issuer", "client_id", "redirect_uri", "provider", "host"]
)
async def test_no_parameter_of_a_request_chooses_whom_the_code_is_sent_to(
    desk: Desk, browser: httpx.AsyncClient, name: str
):
    """Lesson 68: chatwoot#14887, server-side request forgery and leak of the secret."""
    evil = "https://evil.example/token"
    location = await start(browser, str(httpx.URL(START, params={name: evil})))
    assert evil not in location
    assert "evil.example" not in location
    answer = await browser.get(desk.provider.log_in(location, **{name: evil}))
    assert answer.headers["location"] == desk.dashboard


# --- whose login it is ----------------------------------------------------------------------------


async def test_the_session_is_new_at_each_login(desk: Desk, browser: httpx.AsyncClient):
    """Lesson 39: session id changes at login; none that was there before goes on."""
    browser.cookies.set("la_3000_session", "planted", domain="localhost.local", path="/")
    await log_in(desk, browser)
    first = session_of(browser)
    assert first != "planted"
    location = await start(browser, f"{START}?prompt=login")
    await browser.get(desk.provider.log_in(location))
    assert session_of(browser) != first
    async with desk.browser() as thief:
        thief.cookies.set("la_3000_session", first, domain="localhost.local", path="/")
        assert (await thief.get(desk.dashboard)).status_code == 303


def session_of(browser: httpx.AsyncClient) -> str:
    found = {cookie.name: cookie.value for cookie in browser.cookies.jar}
    return str(found["la_3000_session"])


async def test_two_people_after_each_other_never_see_each_others_session(
    desk: Desk, browser: httpx.AsyncClient
):
    """Lesson 38: CVE-2025-12390, a second user on the same browser."""
    await log_in(desk, browser)
    desk.provider.person |= {"sub": "b" * 24, "email": "bob@acme.example", "name": "Bob Builder"}
    location = await start(browser, f"{START}?prompt=select_account")
    assert query_of(location)["prompt"] == "select_account"
    await browser.get(desk.provider.log_in(location))
    page = await browser.get(desk.dashboard)
    assert "Bob Builder" in page.text
    assert 'title="Ada Lovelace"' not in page.text
    await log_out(browser)
    assert (await browser.get(desk.dashboard)).status_code == 303


async def log_out(browser: httpx.AsyncClient) -> httpx.Response:
    page = await browser.get("/help")
    if "/logout" not in page.text:
        page = await browser.get("/", follow_redirects=True)
    form = form_with(page, to="/logout")
    return await browser.post("/logout", data=form.fields)


async def test_an_expired_session_is_no_session(desk: Desk, browser: httpx.AsyncClient):
    """Lesson 37: CVE-2024-25718, expired session returned from a cache."""
    await log_in(desk, browser)
    desk.clock.advance(1_209_600)
    assert (await browser.get(desk.dashboard)).status_code == 303


async def test_session_cookies_are_never_cached_or_readable(desk: Desk, browser: httpx.AsyncClient):
    """Lesson 43: CVE-2022-23498."""
    location = await start(browser)
    answer = await browser.get(desk.provider.log_in(location))
    assert answer.headers["cache-control"] == "no-store"
    cookie = next(c for c in answer.headers.get_list("set-cookie") if "la_3000_session" in c)
    for attribute in ("HttpOnly", "SameSite=lax", "Path=/", "Max-Age=1209600"):
        assert attribute.lower() in cookie.lower()
    assert "domain" not in cookie.lower()


async def test_a_state_of_another_browser_is_useless(desk: Desk, browser: httpx.AsyncClient):
    """Lesson 66: state is bound to the browser. Lesson 67: an attacker's code is never redeemed."""
    async with desk.browser() as attacker:
        callback = desk.provider.log_in(await start(attacker))
    answer = await browser.get(callback)
    location = answer.headers["location"]
    assert location.startswith(desk.provider.url), "the victim begins a login of its own"
    assert query_of(location)["state"] != query_of(callback)["state"]
    assert desk.provider.called("/token") == []


async def test_a_foreign_callback_never_swaps_who_is_signed_in(
    desk: Desk, browser: httpx.AsyncClient
):
    """Lesson 67: login CSRF with the attacker's code, under a session."""
    await log_in(desk, browser)
    mine = session_of(browser)
    desk.provider.calls.clear()
    async with desk.browser() as attacker:
        callback = desk.provider.log_in(await start(attacker))
    answer = await browser.get(callback)
    assert answer.headers["location"] == desk.dashboard
    assert session_of(browser) == mine
    assert desk.provider.calls == []


async def test_a_foreign_page_cannot_begin_a_login(desk: Desk, browser: httpx.AsyncClient):
    """Lesson 67: CVE-2015-9284, starting a login by a foreign GET."""
    path = f"{START}?return_to=/app/x&prompt=login"
    answer = await browser.get(path, headers={"sec-fetch-site": "cross-site"})
    assert answer.headers["location"] == "/login?return_to=%2Fapp%2Fx"
    assert "set-cookie" not in answer.headers
    post = await browser.post(START, headers={"sec-fetch-site": "cross-site"})
    assert post.status_code == 405


async def test_a_flow_whose_parts_were_swapped_is_refused(desk: Desk, browser: httpx.AsyncClient):
    """Lesson 16: the cookie of one flow under the name of another."""
    one, other = await start(browser), await start(browser)
    first, second = [cookie for cookie in browser.cookies.jar if "flow_" in cookie.name]
    first.value, second.value = second.value, first.value
    for location in (one, other):
        answer = await browser.get(desk.provider.log_in(location))
        assert answer.headers["location"].startswith(desk.provider.url)
    assert desk.provider.called("/token") == []


# --- several tabs, the back button, the clock -----------------------------------------------------


async def test_two_tabs_log_in_side_by_side(desk: Desk, browser: httpx.AsyncClient):
    one = await start(browser, f"{START}?return_to=/app/one")
    other = await start(browser, f"{START}?return_to=/app/other")
    assert (await browser.get(desk.provider.log_in(other))).headers["location"] == "/app/other"
    assert (await browser.get(desk.provider.log_in(one))).headers["location"] == "/app/one"
    assert len(desk.provider.called("/token")) == 2


async def test_of_a_callback_that_comes_twice_one_goes_on(desk: Desk, browser: httpx.AsyncClient):
    callback = desk.provider.log_in(await start(browser))
    answers = await asyncio.gather(*(browser.get(callback) for _ in range(4)))
    targets = [answer.headers["location"] for answer in answers]
    assert targets.count(desk.dashboard) == 1
    assert len(desk.provider.called("/token")) == 1
    assert all(
        target.startswith(desk.provider.url) for target in targets if target != desk.dashboard
    )


async def test_the_back_button_leads_to_the_dashboard(desk: Desk, browser: httpx.AsyncClient):
    callback = desk.provider.log_in(await start(browser))
    await browser.get(callback)
    desk.provider.calls.clear()
    assert (await browser.get(callback)).headers["location"] == desk.dashboard
    assert desk.provider.calls == []


async def test_a_person_who_is_signed_in_is_led_on_at_once(desk: Desk, browser: httpx.AsyncClient):
    await log_in(desk, browser)
    for path in ("/login", "/app/login", START):
        assert (await browser.get(path)).headers["location"] == desk.dashboard
        answer = await browser.get(path, params={"return_to": "/app/x"})
        assert answer.headers["location"] == "/app/x"


async def test_an_expired_login_restarts_by_itself_and_keeps_the_target(
    desk: Desk, browser: httpx.AsyncClient
):
    """Lesson 68: state expires. It took a coffee break at the login page, that is all."""
    location = await start(browser, f"{START}?return_to=/app/x")
    callback = desk.provider.log_in(location)
    desk.clock.advance(600)
    answer = await browser.get(callback)
    assert answer.headers["location"].startswith(desk.provider.url)
    assert desk.provider.called("/token") == []
    answer = await browser.get(desk.provider.log_in(answer.headers["location"]))
    assert answer.headers["location"] == "/app/x"


async def test_with_cookies_blocked_a_login_restarts_once_and_then_says_why(desk: Desk):
    async def visit(url: str) -> httpx.Response:
        async with desk.browser() as without_cookies:
            return await without_cookies.get(url)

    first = (await visit(START)).headers["location"]
    second = (await visit(desk.provider.log_in(first))).headers["location"]
    assert second.startswith(desk.provider.url), "one automatic restart"
    end = await visit(desk.provider.log_in(second))
    assert end.headers["location"].startswith("/login/failed/")
    assert desk.refusal()["problem"] == "login_expired"
    assert desk.provider.called("/token") == []


async def test_a_foreign_page_cannot_log_somebody_in_silently(
    desk: Desk, browser: httpx.AsyncClient
):
    """A callback from another site in a browser that began no login: the person decides."""
    foreign = {"sec-fetch-site": "cross-site"}
    answer = await browser.get(f"{START}/callback?code=x&state=y", headers=foreign)
    assert answer.headers["location"] == "/login?notice=login_expired"
    page = await browser.get(answer.headers["location"])
    assert "The login took too long or was interrupted" in page.text
    assert desk.provider.calls == []


async def test_the_return_from_the_provider_restarts_in_a_browser_that_began_a_login(
    desk: Desk, browser: httpx.AsyncClient
):
    """The provider is another site too: an expired flow says that the login is the person's own."""
    foreign = {"sec-fetch-site": "cross-site"}
    callback = desk.provider.log_in(await start(browser))
    desk.clock.advance(3599)
    answer = await browser.get(callback, headers=foreign)
    assert answer.headers["location"].startswith(desk.provider.url)
    async with desk.browser() as other:
        callback = desk.provider.log_in(await start(other))
        desk.clock.advance(3600)
        answer = await other.get(callback, headers=foreign)
    assert answer.headers["location"].startswith("/login?")


async def test_with_cookies_blocked_the_return_from_another_site_ends_at_the_login_page(desk: Desk):
    async def visit(url: str, **headers: str) -> str:
        async with desk.browser(**headers) as without_cookies:
            return (await without_cookies.get(url)).headers["location"]

    callback = desk.provider.log_in(await visit(START))
    end = await visit(callback, **{"sec-fetch-site": "cross-site"})
    assert end == "/login?notice=login_expired"


async def test_an_id_token_that_a_change_has_overtaken_restarts_once(
    desk: Desk, browser: httpx.AsyncClient
):
    desk.provider.person["access_revision"] = 5
    await log_in(desk, browser)
    desk.provider.person["access_revision"] = 4
    async with desk.browser() as other:
        answer = await log_in(desk, other, f"{START}?return_to=/app/x")
        again = answer.headers["location"]
        assert again.startswith(desk.provider.url)
        assert "prompt" not in query_of(again)
        page = await failed_page(other, await other.get(desk.provider.log_in(again)))
        assert "Your access has ended" in page.text
        answer = await log_in(desk, other, f"{START}?return_to=/app/x")
        desk.provider.person["access_revision"] = 6
        answer = await other.get(desk.provider.log_in(answer.headers["location"]))
        assert answer.headers["location"] == "/app/x"


async def test_all_cookies_together_fit_into_a_header_of_eight_kilobytes(
    desk: Desk, browser: httpx.AsyncClient
):
    desk.provider.person["picture"] = "p" * 1500  # a large ID token
    target = f"{START}?return_to=/app/{'x' * 1900}"
    tabs = [await start(browser, target) for _ in range(8)]
    await browser.get(desk.provider.refuse(tabs[-1], "access_denied"))
    await log_in(desk, browser)
    form = form_with(await browser.get(desk.dashboard), to="/logout")
    await browser.post("/logout", data=form.fields)
    for _ in range(3):
        location = await start(browser, target)
        await browser.get(desk.provider.refuse(location, "access_denied"))
    await start(browser, target)
    total = sum(len(c.name) + len(c.value or "") + 3 for c in browser.cookies.jar)
    assert any("failed_" in c.name for c in browser.cookies.jar)
    assert total < 7500


async def test_a_provider_that_changes_the_state_is_not_asked_for_ever(
    desk: Desk, browser: httpx.AsyncClient
):
    """DESIGN section 3 rule 8: nothing loops."""
    location = await start(browser)
    for _ in range(10):
        answer = await browser.get(desk.provider.log_in(location, state=f"changed-{_}"))
        location = answer.headers["location"]
        if location.startswith("/"):
            break
    assert location.startswith("/login/failed/")
    assert desk.refusal()["problem"] == "login_expired"


async def test_a_callback_without_state_is_refused(desk: Desk, browser: httpx.AsyncClient):
    location = await start(browser)
    page = await failed_page(browser, await browser.get(desk.provider.log_in(location, state="")))
    assert "The login took too long or was interrupted" in page.text


async def test_many_tabs_never_make_the_cookies_too_large(desk: Desk, browser: httpx.AsyncClient):
    long = "/app/" + "x" * 1900
    for _ in range(8):
        await start(browser, f"{START}?return_to={long}")
    flows = [c for c in browser.cookies.jar if "flow_" in c.name]
    assert len(flows) <= 5
    assert sum(len(c.value or "") for c in flows) <= 3200


async def test_a_changed_issuer_makes_flows_under_way_start_again(
    desk: Desk, browser: httpx.AsyncClient
):
    """RFC 9700 section 4.4: the answer of one provider is never given to another."""
    location = await start(browser)
    settings = desk.app.state.settings
    changed = settings.model_copy(update={"cognigy_oauth_issuer": "https://another.example"})
    state = desk.app.state.all
    object.__setattr__(state, "settings", changed)
    answer = await browser.get(desk.provider.log_in(location))
    assert query_of(answer.headers["location"])["state"].endswith(".r"), "it begins anew"
    assert desk.provider.called("/token") == []


# --- pages ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/login", "/app/login"])
async def test_the_login_page_has_one_button(desk: Desk, browser: httpx.AsyncClient, path: str):
    page = await browser.get(path)
    assert page.status_code == 200
    assert "Sign in to Live Agent" in page.text
    assert "Use your Cognigy.AI account." in page.text
    assert f'href="{START}"' in page.text
    assert "old Live Agent password" not in page.text


async def test_a_repeated_parameter_is_refused(desk: Desk, browser: httpx.AsyncClient):
    """RFC 6749 section 3.1; and no code stays in the address bar."""
    location = await start(browser)
    callback = desk.provider.log_in(location) + "&state=another"
    page = await failed_page(browser, await browser.get(callback))
    assert page.status_code == 400
    assert (await browser.get(f"{START}?return_to=/a&return_to=/b")).status_code == 400


async def test_nothing_of_a_login_is_written_to_the_log(
    desk: Desk, browser: httpx.AsyncClient, capsys: pytest.CaptureFixture[str]
):
    """Lesson 69: no token, code or address in a log."""
    location = await start(browser)
    callback = desk.provider.log_in(location)
    await browser.get(callback)
    said = repr(desk.events) + "".join(capsys.readouterr())
    call = desk.provider.called("/token")[0].form
    secrets = [call["code"], call["code_verifier"], call["client_secret"], session_of(browser)]
    secrets += [query_of(location)["state"], query_of(location)["nonce"], "ada@acme.example"]
    assert not [secret for secret in secrets if secret in said]


# --- a provider without ID tokens -----------------------------------------------------------------


def plain_oauth(provider: Provider) -> dict[str, str]:
    return {
        "COGNIGY_OAUTH_ID_TOKEN": "absent",
        "COGNIGY_OAUTH_AUTHORIZE_URL": f"{provider.url}/authorize",
        "COGNIGY_OAUTH_TOKEN_URL": f"{provider.url}/token",
        "COGNIGY_OAUTH_USERINFO_URL": f"{provider.url}/userinfo",
    }


@pytest.fixture
async def plain_desk(
    database: Database, clock: FrozenClock, provider: Provider
) -> AsyncIterator[Desk]:
    environment = environment_of(provider, **plain_oauth(provider))
    async with running_desk(database, clock, provider, environment) as desk:
        yield desk


async def test_without_id_tokens_the_person_is_read_from_userinfo(plain_desk: Desk):
    async with plain_desk.browser() as browser:
        location = await start(browser)
        asked = parse_qs(urlsplit(location).query)
        assert "openid" not in asked["scope"][0].split()
        assert "nonce" not in asked
        answer = await browser.get(plain_desk.provider.log_in(location))
    assert answer.headers["location"] == plain_desk.dashboard
    assert [call.path for call in plain_desk.provider.calls] == ["/token", "/userinfo"]


async def test_userinfo_of_somebody_else_is_refused(plain_desk: Desk):
    """OpenID Connect Core section 5.3.2."""
    token = compact({"alg": "ES256"}, b'{"sub": "somebody else"}', b"x")
    plain_desk.provider.tokens["id_token"] = token
    async with plain_desk.browser() as browser:
        page = await failed_page(browser, await log_in(plain_desk, browser))
    assert page.status_code == 500
    assert plain_desk.refusal()["fault"] == "userinfo_subject_differs"


async def test_userinfo_is_not_read_where_there_is_an_id_token(
    desk: Desk, browser: httpx.AsyncClient
):
    await log_in(desk, browser)
    assert desk.provider.called("/userinfo") == []
    assert ORGANISATION not in repr(desk.events)


async def test_a_userinfo_endpoint_that_refuses_the_token_is_named(plain_desk: Desk):
    plain_desk.provider.answers["/userinfo"] = lambda: JSONResponse({"error": "no"}, 401)
    async with plain_desk.browser() as browser:
        await refused_login(plain_desk, browser, "userinfo_refused")


async def test_a_userinfo_endpoint_that_answers_nonsense_is_named(plain_desk: Desk):
    plain_desk.provider.answers["/userinfo"] = lambda: JSONResponse([])
    async with plain_desk.browser() as browser:
        await refused_login(plain_desk, browser, "userinfo_answered_nonsense")


async def test_an_old_user_who_must_be_proved_is_led_to_the_proof(
    desk: Desk, browser: httpx.AsyncClient
):
    async with desk.database.transaction() as tx:
        old = agents.OldUser(
            account_id=desk.account_id,
            email="ada@acme.example",
            name="Ada",
            roles=("agent",),
            digest="$argon2id$unused",
            confirmed=True,
        )
        await agents.create_old(tx, old, desk.clock.now())
    desk.provider.person["email_verified"] = False
    answer = await log_in(desk, browser)
    assert answer.headers["location"] == "/login/link"
    cookies = {cookie.name for cookie in browser.cookies.jar}
    assert "la_3000_pending" in cookies
    assert "la_3000_session" not in cookies
    page = await browser.get("/login")
    assert "I still have an old Live Agent password" in page.text
