"""/admin/organisation: three states, one button, and what is said when Live Agent fails."""

from collections.abc import AsyncIterator

import httpx
import pytest

from cognigy_ai.organisations import actions as organisations
from cognigy_ai.problems import LiveAgentFault
from cognigy_ai.sessions import actions as sessions
from cognigy_ai.settings import key_with_side
from cognigy_ai.users import actions as users
from support.platform import ACME, OUTBOX, Platform, submit
from support.small_live_agent import TOKEN, Said, SmallLiveAgent
from support.visitor import forms_of

PAGE, SET_UP = "/admin/organisation", "/admin/organisation/live-agent"
NOT_CONFIGURED = "Cognigy Live Agent not configured yet"
DONE = "Cognigy Live Agent is installed and configured successfully"
NOT_INSTALLED = (
    "Please contact your system administrator in order to install and configure Cognigy Live Agent"
)
NOT_CONNECTED = "Cognigy.AI and Live Agent are not configured to talk to each other"
CHANGES_TOLD = "Changes told to Live Agent"
NOT_TOLD = "Live Agent was not told of the newest changes"
SWITCHED_OFF = {"FEATURE_USE_COGNIGY_LIVE_AGENT": ""}


@pytest.fixture
def environment(live_agent: SmallLiveAgent) -> dict[str, str]:
    return live_agent.environment


@pytest.fixture
async def ada(acme: Platform) -> AsyncIterator[httpx.AsyncClient]:
    """An administrator's browser."""
    async with await browser_of(acme, "ada@acme.example", ("admin",)) as browser:
        yield browser


async def browser_of(
    platform: Platform, email: str, roles: tuple[str, ...], organisation: str = ACME
) -> httpx.AsyncClient:
    user = await platform.add_user(email, roles=roles, organisation=organisation, password=None)
    async with platform.database.transaction() as tx:
        secret, _ = await sessions.start(tx, user.id, "pwd", 3600, "", platform.now)
    browser = platform.browser()
    browser.cookies.set("ai_8000_session", secret)
    return browser


async def press(browser: httpx.AsyncClient) -> httpx.Response:
    return await submit(browser, await browser.get(PAGE), SET_UP)


def button_is_off(page: httpx.Response) -> bool:
    start = page.text.index('action="/admin/organisation/live-agent"')
    button = page.text[page.text.index("<button", start) :]
    return " disabled" in button[: button.index(">")]


async def store(platform: Platform, number: int) -> None:
    async with platform.database.transaction() as tx:
        await organisations.put_live_agent_account(tx, OUTBOX, ACME, number, platform.now)


async def test_the_page_says_what_the_organisation_is(
    acme: Platform, ada: httpx.AsyncClient
) -> None:
    await acme.add_user("eve@acme.example", password=None)
    page = await ada.get(PAGE)
    assert page.status_code == 200
    assert "<title>Organisation · Cognigy.AI</title>" in page.text
    for shown in ("Acme", ACME, "active", '<span class="numbers">2</span>'):
        assert shown in page.text


async def test_a_press_sets_live_agent_up(
    ada: httpx.AsyncClient, live_agent: SmallLiveAgent
) -> None:
    before = await ada.get(PAGE)
    assert NOT_CONFIGURED in before.text
    assert not button_is_off(before)
    assert live_agent.requests == []
    answer = await press(ada)
    assert (answer.status_code, answer.headers["location"]) == (303, PAGE + "?done=live-agent")
    page = await ada.get(answer.headers["location"])
    assert DONE in page.text
    assert "Live Agent is set up." in page.text
    assert button_is_off(page)
    assert "https://desk.example/app/accounts/7/dashboard" in page.text
    assert NOT_CONFIGURED not in page.text


async def test_the_answer_of_the_form_itself_is_idempotent(
    ada: httpx.AsyncClient, live_agent: SmallLiveAgent
) -> None:
    """The form of a page that is out of date, pressed in another tab."""
    page = await ada.get(PAGE)
    for _ in range(2):
        assert (await submit(ada, page, SET_UP)).status_code == 303
    assert list(live_agent.accounts) == [7]


@pytest.mark.parametrize("environment", [SWITCHED_OFF], ids=["off"])
async def test_without_the_feature_the_third_sentence_stands_there(
    acme: Platform, ada: httpx.AsyncClient
) -> None:
    page = await ada.get(PAGE)
    assert NOT_INSTALLED in page.text
    assert button_is_off(page)
    refused = await press(ada)
    assert refused.status_code == 409
    assert NOT_INSTALLED in refused.text
    assert "FEATURE_USE_COGNIGY_LIVE_AGENT" in refused.text
    await store(acme, 7)
    assert DONE not in (await ada.get(PAGE)).text


async def test_who_may_only_look_gets_no_button(acme: Platform, live_agent: SmallLiveAgent) -> None:
    async with await browser_of(acme, "sue@acme.example", ("fullSupportUser",)) as support:
        page = await support.get(PAGE)
        assert NOT_CONFIGURED in page.text
        assert "Your roles do not allow you to set it up" in page.text
        assert button_is_off(page)
        assert (await press(support)).status_code == 403
    assert live_agent.requests == []


@pytest.mark.parametrize("role", ["liveAgentAdmin", "userManager"])
async def test_others_do_not_see_the_page(acme: Platform, role: str) -> None:
    async with await browser_of(acme, "bob@acme.example", (role,)) as bob:
        assert (await bob.get(PAGE)).status_code == 403
        profile = await bob.get("/profile")
        assert PAGE not in profile.text
        token = forms_of(profile.text)[0].fields["csrf_token"]
        assert (await bob.post(SET_UP, data={"csrf_token": token})).status_code == 403


async def test_a_form_of_another_site_sets_nothing_up(
    ada: httpx.AsyncClient, live_agent: SmallLiveAgent
) -> None:
    page = await ada.get(PAGE)
    token = forms_of(page.text)[0].fields["csrf_token"]
    for given, origin in (("", "http://localhost:8000"), (token, "https://evil.example")):
        answer = await ada.post(SET_UP, data={"csrf_token": given}, headers={"origin": origin})
        assert answer.status_code == 403
    assert live_agent.requests == []


async def test_what_stays_after_a_refused_press_leads_back(ada: httpx.AsyncClient) -> None:
    """The language picker of the error page returns to its address."""
    answer = await ada.get(SET_UP)
    assert (answer.status_code, answer.headers["location"]) == (303, PAGE)


@pytest.mark.parametrize(
    ("status", "code", "fault", "shown"),
    [
        ("401 No", "platform_token_wrong", "TOKEN_WRONG", "not configured correctly"),
        ("503 Off", "platform_api_off", "TOKEN_UNSET_THERE", "not configured correctly"),
        ("500 Oh", "internal_error", "FAILED", "does not answer at the moment"),
    ],
    ids=["wrong token", "no token there", "failure"],
)
async def test_a_failure_names_the_keys_to_operators_and_a_way_on_to_people(
    ada: httpx.AsyncClient,
    live_agent: SmallLiveAgent,
    status: str,
    code: str,
    fault: str,
    shown: str,
) -> None:
    live_agent.answers = (status, {"code": code})
    page = await press(ada)
    assert page.status_code in (500, 503)
    assert shown in page.text
    assert LiveAgentFault[fault].code in page.text
    for key in LiveAgentFault[fault].spec.keys:
        assert key_with_side(key) in page.text
    assert 'href="/admin/organisation"' in page.text
    assert live_agent.requests[0].headers["x-reference"] in page.text
    for secret in (TOKEN, live_agent.url, live_agent.url.removeprefix("http://")):
        assert secret not in page.text


async def test_a_passing_failure_offers_the_button_again(
    ada: httpx.AsyncClient, live_agent: SmallLiveAgent
) -> None:
    live_agent.loses_answers = 1
    page = await press(ada)
    assert (page.status_code, "Try again" in page.text) == (503, True)
    assert "never made twice" in page.text
    assert (await submit(ada, page, SET_UP)).status_code == 303
    assert DONE in (await ada.get(PAGE)).text
    assert list(live_agent.accounts) == [7]


async def test_a_suspended_account_is_told(
    ada: httpx.AsyncClient, live_agent: SmallLiveAgent
) -> None:
    live_agent.add(ACME, status="suspended")
    page = await press(ada)
    assert page.status_code == 409
    assert "Your organisation has account 7 in Live Agent, and it is suspended" in page.text


async def test_both_numbers_are_shown_when_they_differ(
    acme: Platform, ada: httpx.AsyncClient, live_agent: SmallLiveAgent
) -> None:
    await store(acme, 5)
    live_agent.add(ACME)
    page = await ada.get(PAGE)
    assert "Live Agent names account 7 for your organisation, but 5 is stored here" in page.text
    assert f"cognigy-ai organisations adopt {ACME}" in page.text
    for untrue in ("/app/accounts/", DONE):
        assert untrue not in page.text


async def test_an_account_that_is_gone_is_told(acme: Platform, ada: httpx.AsyncClient) -> None:
    await store(acme, 5)
    page = await ada.get(PAGE)
    assert "Number 5 is stored here, but Live Agent has no account" in page.text
    assert f"live-agent accounts map 5 --organisation {ACME}" in page.text
    assert f"cognigy-ai organisations forget-account {ACME}" in page.text


async def test_an_account_without_logins_is_told(
    acme: Platform, ada: httpx.AsyncClient, live_agent: SmallLiveAgent
) -> None:
    number = live_agent.add(ACME)
    await store(acme, number)
    live_agent.accounts[number]["oauth_login"] = False
    assert "live-agent accounts set 7 --oauth-login on" in (await ada.get(PAGE)).text
    live_agent.accounts[number]["status"] = "suspended"
    assert "live-agent accounts resume 7" in (await ada.get(PAGE)).text


async def test_the_page_stands_although_live_agent_does_not_answer(
    acme: Platform, ada: httpx.AsyncClient, live_agent: SmallLiveAgent
) -> None:
    await store(acme, 7)
    live_agent.answers = ("503 Busy", {"code": "server_busy"})
    page = await ada.get(PAGE)
    assert page.status_code == 200
    assert DONE in page.text
    assert "Load the page again in a minute" in page.text
    assert NOT_CONNECTED not in page.text
    assert "failed" in page.text
    assert live_agent.url not in page.text


HERE = "COGNIGY_LIVE_AGENT_PLATFORM_TOKEN (Cognigy.AI)"
THERE = "COGNIGY_PLATFORM_APP_TOKEN (Live Agent)"


@pytest.mark.parametrize(
    ("said", "fault", "keys"),
    [
        (("401 No", {"code": "platform_token_wrong"}), "token_wrong", f"{HERE}, {THERE}"),
        (("429 Slow", {"code": "too_many_requests"}), "throttled", f"{HERE}, {THERE}"),
        (("503 Off", {"code": "platform_api_off"}), "token_unset_there", THERE),
    ],
    ids=["wrong token", "wrong too often", "no token there"],
)
async def test_a_wrong_configuration_is_not_told_as_one_that_passes(
    acme: Platform,
    ada: httpx.AsyncClient,
    live_agent: SmallLiveAgent,
    said: Said,
    fault: str,
    keys: str,
) -> None:
    await store(acme, 7)
    live_agent.answers = said
    page = await ada.get(PAGE)
    assert page.status_code == 200
    for shown in (NOT_CONNECTED, fault, f"<dd>{keys}</dd>"):
        assert shown in page.text
    for untrue in ("in a minute", DONE):
        assert untrue not in page.text
    for secret in (TOKEN, live_agent.url, live_agent.url.removeprefix("http://")):
        assert secret not in page.text


WITHOUT_ADDRESS = {
    "COGNIGY_LIVE_AGENT_API_BASE_URL_WITH_PROTOCOL": "",
    "COGNIGY_LIVE_AGENT_UI_BASE_URL_WITH_PROTOCOL": "",
}


@pytest.mark.parametrize("environment", [WITHOUT_ADDRESS], ids=["no address"])
async def test_an_address_that_was_never_set_is_a_wrong_configuration(
    acme: Platform, ada: httpx.AsyncClient
) -> None:
    await store(acme, 7)
    page = await ada.get(PAGE)
    assert NOT_CONNECTED in page.text
    assert "address_unset" in page.text
    assert "COGNIGY_LIVE_AGENT_API_BASE_URL_WITH_PROTOCOL (Cognigy.AI)" in page.text


async def test_the_page_says_who_suspends_an_organisation(ada: httpx.AsyncClient) -> None:
    page = await ada.get(PAGE)
    assert "<code>cognigy-ai organisations suspend</code>" in page.text
    assert "because it cannot let itself back in" in page.text


async def test_nobody_sees_another_organisation(
    acme: Platform, ada: httpx.AsyncClient, live_agent: SmallLiveAgent
) -> None:
    await acme.add_organisation("b" * 24, "Globex")
    await press(ada)
    async with await browser_of(acme, "eve@globex.example", ("admin",), "b" * 24) as eve:
        page = await eve.get(PAGE)
        assert "Globex" in page.text
        assert NOT_CONFIGURED in page.text
        assert ACME not in page.text
        await press(eve)
    owners = [account["organisation_id"] for account in live_agent.accounts.values()]
    assert owners == [ACME, "b" * 24]


async def test_how_the_telling_of_changes_stands_is_shown(
    acme: Platform, ada: httpx.AsyncClient, live_agent: SmallLiveAgent
):
    """Waiting, failing with the reason, refused, acknowledged; and a word on people's pages."""
    ben = await acme.add_user("ben@acme.example", password=None)
    await acme.app.state.keys.ensure_keys(acme.now)
    assert CHANGES_TOLD not in (await ada.get(PAGE)).text
    async with acme.database.transaction() as tx:
        await users.end_access(tx, ben.id, acme.now)
    page = (await ada.get(PAGE)).text
    assert CHANGES_TOLD in page
    assert "on the way" in page
    live_agent.answers = ("503 Service Unavailable", {})
    await acme.app.state.signals.send_due()
    page = (await ada.get(PAGE)).text
    assert "failing" in page
    assert "answered 503" in page
    person = f"/admin/users/{ben.id}"
    assert NOT_TOLD in (await ada.get(person)).text
    live_agent.answers = ("202 Accepted", {})
    acme.clock.advance(60)
    await acme.app.state.signals.send_due()
    page = (await ada.get(PAGE)).text
    assert "up to date" in page
    assert NOT_TOLD not in page
    assert NOT_TOLD not in (await ada.get(person)).text
    live_agent.answers = ("400 Bad Request", {"err": "invalid_issuer", "description": "no"})
    async with acme.database.transaction() as tx:
        await users.end_access(tx, ben.id, acme.now)
    await acme.app.state.signals.send_due()
    page = (await ada.get(PAGE)).text
    assert "invalid_issuer: no" in page
    assert f"cognigy-ai signals replay --state refused --organisation {ACME}" in page
    await acme.app.state.transmitter.close()
