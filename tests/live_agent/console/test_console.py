"""The dashboard and the profile."""

import html

import pytest

from live_agent.agents.rules import Right, rights_of
from support.office import OLD_PASSWORD, Office, submit
from support.visitor import forms_of


async def choose(office: Office, browser, presence: str, **fields: str):
    page = await browser.get(office.dashboard)
    form = next(f for f in forms_of(page.text) if f.action.endswith("/presence"))
    return await submit(browser, form, presence=presence, **fields)


async def test_the_dashboard_says_who_where_and_what(office: Office):
    browser = await office.signed_in_browser(roles=("agent", "supervisor"))
    page = await browser.get(office.dashboard)
    text = html.unescape(page.text)
    for expected in ("Ada Lovelace", "ada@acme.example", "Acme", "Agent", "Supervisor"):
        assert expected in text
    for right in Right:
        shown = right.spec.text in text
        assert shown == (right in rights_of(("agent", "supervisor"))), right
    assert page.headers["cache-control"] == "no-store"


async def test_colleagues_are_shown_with_their_presence(office: Office):
    bob = await office.signed_in_browser(subject="bob", email="bob@acme.example", name="Bob")
    await choose(office, bob, "busy")
    await office.add_old_user(email="olga@acme.example", name="Olga Old")
    ada = await office.signed_in_browser()
    text = (await ada.get(office.dashboard)).text
    assert "Bob" in text
    assert "Busy" in text
    assert "Olga Old" in text
    office.clock.advance(3600)
    assert "presence-busy" not in (await ada.get(office.dashboard)).text.split("page-content")[1]


async def test_nobody_sees_people_of_another_account(office: Office):
    """Lesson 12: nothing of account B is visible in account A."""
    other = await office.add_account("Globex", "bbbbbbbbbbbbbbbbbbbbbbbb")
    await office.add_old_user(account_id=other.id, email="gil@globex.example", name="Gil Globex")
    browser = await office.signed_in_browser()
    assert "Gil Globex" not in (await browser.get(office.dashboard)).text
    for place in ("dashboard", "profile"):
        answer = await browser.get(f"/app/accounts/{other.id}/{place}")
        assert answer.status_code == 404
        assert "Globex" not in answer.text
    absent = await browser.get("/app/accounts/999/dashboard")
    assert absent.status_code == 404


async def test_many_colleagues_come_in_pages(office: Office):
    for number in range(60):
        await office.add_old_user(email=f"a{number}@acme.example", name=f"Person {number:03}")
    browser = await office.signed_in_browser()
    first = (await browser.get(office.dashboard)).text
    assert "Person 049" in first
    assert "Person 050" not in first
    second = (await browser.get(office.dashboard, params={"page": "2"})).text
    assert "Person 050" in second
    for odd in ("0", "-1", "x", "9" * 30, "٣"):
        assert (await browser.get(office.dashboard, params={"page": odd})).status_code == 200


async def test_presence_is_chosen_and_kept(office: Office):
    browser = await office.signed_in_browser()
    answer = await choose(office, browser, "away", return_to=f"{office.dashboard}?page=1")
    assert answer.headers["location"] == f"{office.dashboard}?page=1"
    assert (await office.users())[0]["presence"] == "away"
    assert (await choose(office, browser, "asleep")).status_code == 400
    assert (await office.users())[0]["presence"] == "away"


async def test_a_form_of_another_site_changes_no_presence(office: Office):
    browser = await office.signed_in_browser()
    answer = await browser.post(
        f"/app/accounts/{office.account.id}/presence", data={"presence": "offline"}
    )
    assert answer.status_code == 403
    assert (await office.users())[0]["presence"] == "online"


@pytest.mark.parametrize("path", ["/", "/app", "/app/"])
async def test_the_start_leads_to_the_dashboard_or_to_the_login(office: Office, path: str):
    assert (await office.browser().get(path)).headers["location"] == "/login"
    browser = await office.signed_in_browser()
    assert (await browser.get(path)).headers["location"] == office.dashboard


async def test_who_is_not_signed_in_comes_back_to_the_page_after_the_login(office: Office):
    answer = await office.browser().get(f"{office.dashboard}?page=2")
    assert answer.status_code == 303
    location = answer.headers["location"]
    assert location == f"/login?return_to=%2Fapp%2Faccounts%2F{office.account.id}" + (
        "%2Fdashboard%3Fpage%3D2"
    )


async def test_a_moved_user_is_led_to_cognigy_ai_for_e_mail_name_and_password(office: Office):
    browser = await office.signed_in_browser()
    page = await browser.get(f"/app/accounts/{office.account.id}/profile")
    assert 'href="http://localhost:8000/profile"' in page.text
    assert "Change in Cognigy.AI" in page.text
    assert "old password" not in page.text


async def test_an_old_user_reads_how_to_move(office: Office):
    await office.add_old_user()
    browser = office.browser()
    await office.old_login(browser, password=OLD_PASSWORD)
    page = await browser.get(f"/app/accounts/{office.account.id}/profile")
    assert "You still use an old password" in page.text
    assert "Change in Cognigy.AI" not in page.text


@pytest.mark.parametrize(
    "environment", [{"COGNIGY_AI_UI_BASE_URL_WITH_PROTOCOL": ""}], ids=["unset"]
)
async def test_without_its_address_there_is_no_link_to_cognigy_ai(office: Office):
    browser = await office.signed_in_browser()
    for place in ("dashboard", "profile"):
        page = await browser.get(f"/app/accounts/{office.account.id}/{place}")
        assert page.status_code == 200
        assert "localhost:8000" not in page.text


async def test_language_and_theme_are_chosen_on_the_profile_page(office: Office):
    browser = await office.signed_in_browser()
    profile = f"/app/accounts/{office.account.id}/profile"
    page = await browser.get(profile)
    form = next(f for f in forms_of(page.text) if f.action == "/theme")
    answer = await submit(browser, form, theme="dark")
    assert answer.headers["location"] == profile
    form = next(
        f for f in forms_of(page.text) if f.action == "/language" and f.fields.get("return_to")
    )
    await submit(browser, form, language="de")
    page = await browser.get(profile)
    assert 'data-theme="dark"' in page.text
    assert '<html lang="de"' in page.text


async def test_two_people_after_each_other_never_see_each_others_session(office: Office):
    """Lesson 38: the second person in a browser never gets the first one's session."""
    first = await office.enter()
    second = await office.enter(
        subject="bob", email="bob@acme.example", name="Bob", old_session=first.session_secret
    )
    browser = office.browser_with("session", second.session_secret)
    assert "Bob" in (await browser.get(office.dashboard)).text
    stale = office.browser_with("session", first.session_secret)
    assert (await stale.get(office.dashboard)).status_code == 303


@pytest.mark.parametrize("language", ["en", "de", "ja"])
async def test_pages_are_whole_in_every_language(office: Office, language: str):
    browser = await office.signed_in_browser(roles=("agent", "administrator"))
    browser.headers["accept-language"] = language
    for path in (office.dashboard, f"/app/accounts/{office.account.id}/profile", "/help"):
        page = await browser.get(path)
        assert page.status_code == 200
        assert f'<html lang="{language}"' in page.text


async def test_pages_of_a_person_say_whose_unsent_texts_the_browser_keeps(office: Office):
    browser = await office.signed_in_browser()
    (user,) = await office.users()
    page = await browser.get(office.dashboard)
    assert f'<meta name="drafts-of" content="{user["id"]}">' in page.text
    assert "drafts.js" in page.text
    login = await office.browser().get("/login")
    assert "unsent.js" in login.text
    assert "drafts" not in login.text
