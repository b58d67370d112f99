"""The page that says why a login failed: for the person, the administrator and the operator."""

import html
from typing import Any

import httpx
import pytest

from kernel.db import DatabaseUnavailable
from support.oauth_desk import START, Desk, failed_page, log_in, refused_login, start
from support.provider import ABSENT, ORGANISATION, SUBJECT

OTHER_ORGANISATION = "65f0cccccccccccccccccccc"


async def test_an_organisation_without_account_is_error_2(desk: Desk, browser: httpx.AsyncClient):
    desk.provider.person["organisation"] = OTHER_ORGANISATION
    page = await failed_page(browser, await log_in(desk, browser))
    assert page.status_code == 403
    sentence = f"The user organisation {OTHER_ORGANISATION} was not found in the system"
    assert f">{sentence}</h1>" in page.text
    primary, second = page.text.index("Use another account"), page.text.index("Try again")
    assert primary < second
    assert f"{START}?prompt=select_account" in page.text
    assert desk.refusal()["organisation"] == OTHER_ORGANISATION


@pytest.mark.parametrize(
    "desk", [{"COGNIGY_OAUTH_ORGANISATION_CLAIM": "tenant"}], indirect=True, ids=["tenant"]
)
async def test_a_claim_that_the_provider_does_not_send_is_no_unknown_organisation(
    desk: Desk, browser: httpx.AsyncClient
):
    """Error 1, with the keys to look at: nobody has an organisation named `-`."""
    event = await refused_login(desk, browser, "organisation_missing")
    assert event["detail"] == "no claim tenant"
    assert {"COGNIGY_OAUTH_SCOPES", "COGNIGY_OAUTH_ORGANISATION_CLAIM"} <= set(event["keys"])


async def test_several_organisations_at_once_are_none_that_has_an_account(
    desk: Desk, browser: httpx.AsyncClient
):
    """Error 2: something is said, but not one definite organisation."""
    desk.provider.person["organisation"] = [ORGANISATION, OTHER_ORGANISATION]
    page = await failed_page(browser, await log_in(desk, browser))
    assert (page.status_code, desk.refusal()["problem"]) == (403, "organisation_not_found")


async def test_an_organisation_is_escaped(desk: Desk, browser: httpx.AsyncClient):
    desk.provider.person["organisation"] = "<script>alert(1)</script>"
    page = await failed_page(browser, await log_in(desk, browser))
    assert "<script>alert" not in page.text
    assert html.escape("<script>alert(1)</script>") in page.text


@pytest.mark.parametrize("roles", [[], ["base_role"], None, ABSENT], ids=repr)
async def test_a_person_without_role_is_error_3(
    desk: Desk, browser: httpx.AsyncClient, roles: object
):
    desk.provider.person["roles"] = roles
    page = await failed_page(browser, await log_in(desk, browser))
    assert page.status_code == 403
    assert ">The Cognigy user is not authorised to access the system</h1>" in page.text
    assert desk.refusal()["problem"] == "user_not_authorised"


async def test_a_role_that_came_helps_at_the_next_attempt(desk: Desk, browser: httpx.AsyncClient):
    desk.provider.person["roles"] = []
    target = f"/app/accounts/{desk.account_id}/profile"
    answer = await log_in(desk, browser, f"{START}?return_to={target}")
    page = await failed_page(browser, answer)
    way_on = f"{START}?return_to=%2Fapp%2Faccounts%2F{desk.account_id}%2Fprofile"
    assert f'href="{way_on}"' in page.text
    desk.provider.person["roles"] = ["liveAgentAgent"]
    assert (await log_in(desk, browser, way_on)).headers["location"] == target


async def test_nothing_of_the_login_stays_in_the_address_bar(
    desk: Desk, browser: httpx.AsyncClient
):
    """Lesson 69: no token, code or e-mail in the address bar, history or referrer."""
    desk.provider.person["roles"] = []
    location = await start(browser)
    callback = desk.provider.log_in(location)
    answer = await browser.get(callback)
    assert answer.status_code == 303
    assert "?" not in answer.headers["location"]
    page = await browser.get(answer.headers["location"])
    code, state = httpx.URL(callback).params["code"], httpx.URL(callback).params["state"]
    for secret in (code, state, "ada@acme.example", SUBJECT):
        assert secret not in page.text
    assert page.headers["referrer-policy"] == "same-origin"
    assert page.headers["cache-control"] == "no-store"


async def test_another_browser_reads_nothing(desk: Desk, browser: httpx.AsyncClient):
    desk.provider.person["organisation"] = OTHER_ORGANISATION
    answer = await log_in(desk, browser)
    async with desk.browser() as other:
        page = await other.get(answer.headers["location"])
    assert page.status_code == 404
    assert "This message can no longer be shown" in page.text
    assert OTHER_ORGANISATION not in page.text
    assert "Try again" in page.text


@pytest.mark.parametrize("reference", ["x", "ABCDEFGHIJK1", "abcdefghijkl", "A" * 13])
async def test_a_reference_that_is_none_is_an_unknown_page(
    desk: Desk, browser: httpx.AsyncClient, reference: str
):
    page = await browser.get(f"/login/failed/{reference}")
    assert page.status_code == 404
    assert "There is no such page" in page.text


async def test_the_page_has_everything_for_its_three_readers(
    desk: Desk, browser: httpx.AsyncClient
):
    desk.provider.claims["aud"] = "another"
    page = await failed_page(browser, await log_in(desk, browser))
    reference = desk.refusal()["reference"]
    for text in (
        'role="alert"',
        "Try again",
        "For administrators",
        "For operators",
        "Check of the ID token",
        "audience_differs",
        "COGNIGY_OAUTH_CLIENT_ID",
        "CLIENT_ID_COGNIGY_LIVE_AGENT",
        reference,
        "/help/oauth_configuration",
        "<time",
    ):
        assert text in page.text, text
    assert desk.provider.url not in page.text
    assert (await browser.get("/help/oauth_configuration")).status_code == 200


@pytest.mark.parametrize(
    "desk",
    [
        {
            "SUPPORT_URL": "https://support.example/new?team=desk",
            "COGNIGY_AI_UI_BASE_URL_WITH_PROTOCOL": "https://cognigy.example",
        }
    ],
    indirect=True,
)
async def test_the_page_leads_to_support_and_to_cognigy_ai(desk: Desk, browser: httpx.AsyncClient):
    desk.provider.person["roles"] = []
    page = await failed_page(browser, await log_in(desk, browser))
    reference = desk.refusal()["reference"]
    assert f"https://support.example/new?team=desk&amp;reference={reference}" in page.text
    assert 'href="https://cognigy.example/admin/users"' in page.text


async def test_the_reference_is_in_the_audit_trail(desk: Desk, browser: httpx.AsyncClient):
    """DESIGN section 3 rule 10; `live-agent explain` will print it."""
    from sqlalchemy import text

    desk.provider.claims["aud"] = "another"
    await failed_page(browser, await log_in(desk, browser))
    reference = desk.refusal()["reference"]
    rows = await desk.database.all(text("SELECT event, reference, details FROM audit_events"))
    found = [row for row in rows if row["reference"] == reference]
    assert [row["event"] for row in found] == ["login.refused"]
    assert "audience_differs" in found[0]["details"]


async def test_only_the_last_failure_is_kept_in_the_browser(desk: Desk, browser: httpx.AsyncClient):
    desk.provider.person["roles"] = []
    for _ in range(3):
        await log_in(desk, browser)
    assert len([c for c in browser.cookies.jar if "failed_" in c.name]) == 1


async def test_a_busy_database_leaves_no_code_in_the_address_bar(
    desk: Desk, browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
):
    async def gone(*_arguments: object, **_values: object) -> None:
        raise DatabaseUnavailable("gone")

    callback = desk.provider.log_in(await start(browser))
    with monkeypatch.context() as patch:
        patch.setattr(type(desk.database), "one", gone)
        answer = await browser.get(callback)
    page = await failed_page(browser, answer)
    assert page.status_code == 503
    assert "Live Agent is busy" in page.text


async def test_the_precise_fault_is_told_even_if_the_audit_trail_cannot_be_written(
    desk: Desk, browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
):
    desk.provider.claims["aud"] = "somebody else"
    callback = desk.provider.log_in(await start(browser))
    own = type(desk.database).one

    async def one(self: Any, statement: Any, **values: object) -> Any:
        if "audit" in str(statement):
            raise DatabaseUnavailable("gone")
        return await own(self, statement, **values)

    with monkeypatch.context() as patch:
        patch.setattr(type(desk.database), "one", one)
        page = await failed_page(browser, await browser.get(callback))
    assert desk.refusal()["fault"] == "audience_differs"
    assert page.status_code == 500


@pytest.mark.parametrize("language", ["de", "ja"])
async def test_the_page_speaks_the_readers_language(desk: Desk, language: str):
    async with desk.browser(**{"accept-language": language}) as browser:
        desk.provider.person["organisation"] = OTHER_ORGANISATION
        page = await failed_page(browser, await log_in(desk, browser))
    assert f'lang="{language}"' in page.text
    assert OTHER_ORGANISATION in page.text
    assert ORGANISATION not in page.text
