"""Where people are signed in: seen and ended by administrators, and by each for themselves."""

import html

import httpx
import pytest

from support.office import Office, submit
from support.visitor import forms_of

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) AppleWebKit/605 Version/18.0 Mobile Safari/604"


def place(office: Office, *more: str) -> str:
    return "/".join([f"/app/accounts/{office.account.id}/settings/sessions", *more])


def profile(office: Office) -> str:
    return f"/app/accounts/{office.account.id}/profile"


async def boss(office: Office) -> httpx.AsyncClient:
    return await office.signed_in_browser(
        subject="boss", email="boss@acme.example", name="Zoe Boss", roles=("administrator",)
    )


async def ada(office: Office, user_agent: str = FIREFOX) -> httpx.AsyncClient:
    return office.browser_with(
        "session", (await office.enter(user_agent=user_agent)).session_secret
    )


async def press_end(browser: httpx.AsyncClient, address: str, **which: str) -> httpx.Response:
    """The first form of the page that ends something, or the one with these fields."""
    page = await browser.get(address)
    form = next(
        one
        for one in forms_of(page.text)
        if one.action.endswith("/sessions")
        and all(one.fields.get(name) == value for name, value in which.items())
        and (which or "session" in one.fields)
    )
    return await submit(browser, form)


async def test_an_administrator_sees_every_session_with_its_device_and_login(office: Office):
    browser = await boss(office)
    await ada(office)
    await office.add_old_user(email="olga@acme.example", name="Olga Old")
    old = office.browser(**{"user-agent": PHONE})
    await office.old_login(old, email="olga@acme.example")
    text = html.unescape((await browser.get(place(office))).text)
    for said in ("Ada Lovelace", "Firefox on Linux", "Olga Old", "Safari on iPhone"):
        assert said in text
    assert "old password" in text
    assert "3 of 3" in text
    assert text.count("this browser") == 1


async def test_an_ended_session_is_over_at_once_and_says_why(office: Office):
    browser, victim = await boss(office), await ada(office)
    answer = await press_end(browser, place(office))
    assert answer.headers["location"] == place(office) + "?done=one"
    assert "The session has ended." in (await browser.get(answer.headers["location"])).text
    page = await victim.get(office.dashboard)
    assert page.status_code == 403
    assert "An administrator of Live Agent ended your session." in page.text
    (event,) = await office.events("session.ended")
    assert event["reference"] in page.text
    assert '"because": "ended_by_administrator"' in event["details"]
    assert (await browser.get(office.dashboard)).status_code == 200


async def test_all_of_a_person_end_and_nobody_elses(office: Office):
    browser, one, other = await boss(office), await ada(office), await ada(office, PHONE)
    bob = await office.signed_in_browser(subject="bob", email="bob@acme.example", name="Bob")
    user_id = next(row["id"] for row in await office.users() if row["name"] == "Ada Lovelace")
    tab = f"/app/accounts/{office.account.id}/settings/agents/{user_id}/sessions"
    page = html.unescape((await browser.get(tab)).text)
    assert "Firefox on Linux" in page
    assert "Safari on iPhone" in page
    answer = await press_end(browser, tab, user=user_id)
    assert answer.headers["location"] == f"{tab}?done=all"
    assert [(await b.get(office.dashboard)).status_code for b in (one, other, bob)] == [
        403,
        403,
        200,
    ]
    assert "Nowhere at this moment." in (await browser.get(tab)).text


async def test_an_administrator_does_not_end_the_session_they_are_in(office: Office):
    browser, second = await boss(office), await boss(office)
    user_id = next(row["id"] for row in await office.users())
    tab = f"/app/accounts/{office.account.id}/settings/agents/{user_id}/sessions"
    await press_end(browser, tab, user=user_id)
    assert (await browser.get(office.dashboard)).status_code == 200
    page = await second.get(office.dashboard)
    assert "You ended this session in another browser." in page.text


async def test_people_see_and_end_their_own(office: Office):
    here, there = await ada(office), await ada(office, PHONE)
    bob = await office.signed_in_browser(subject="bob", email="bob@acme.example", name="Bob")
    text = html.unescape((await here.get(profile(office))).text)
    assert text.index("Firefox on Linux") < text.index("Safari on iPhone")
    answer = await press_end(here, profile(office))
    assert answer.headers["location"] == profile(office) + "?done=one"
    assert (await there.get(office.dashboard)).status_code == 403
    assert (await here.get(office.dashboard)).status_code == 200
    assert (await bob.get(office.dashboard)).status_code == 200


async def test_nobody_ends_a_session_of_somebody_else_with_the_form_for_their_own(office: Office):
    here, there, other = await ada(office), await ada(office, PHONE), await boss(office)
    page = await here.get(profile(office))
    form = next(one for one in forms_of(page.text) if "session" in one.fields)
    fingerprint = (await office.session(other.cookies["la_3000_session"])).fingerprint  # type: ignore[union-attr]
    answer = await submit(here, form, session=fingerprint)
    assert answer.headers["location"] == profile(office) + "?done=gone"
    assert (await other.get(office.dashboard)).status_code == 200
    assert (await there.get(office.dashboard)).status_code == 200


async def test_sessions_of_another_account_are_neither_seen_nor_ended(office: Office):
    """Lesson 12: nothing of account B is visible, or ends, in account A."""
    await office.add_account("Globex", "b" * 24)
    gil = await office.signed_in_browser(
        subject="gil", email="gil@globex.example", name="Gil", organisation="b" * 24
    )
    browser = await boss(office)
    await ada(office)
    page = await browser.get(place(office))
    assert "Gil" not in page.text
    form = next(one for one in forms_of(page.text) if "session" in one.fields)
    session = await office.session(gil.cookies["la_3000_session"])
    assert session is not None
    for fields in ({"session": session.fingerprint}, {"session": "", "user": session.user_id}):
        answer = await submit(browser, form, **fields)
        assert answer.headers["location"].endswith("?done=gone")
    assert (await gil.get(f"/app/accounts/{session.account_id}/dashboard")).status_code == 200


@pytest.mark.parametrize("role", ["agent", "supervisor"])
async def test_whoever_may_not_manage_agents_ends_nothing(office: Office, role: str):
    browser = await office.signed_in_browser(roles=(role,))
    victim = await boss(office)
    session = await office.session(victim.cookies["la_3000_session"])
    assert session is not None
    page = await browser.get(profile(office))
    form = next(one for one in forms_of(page.text) if one.action == "/theme")
    answer = await browser.post(
        place(office),
        data={"csrf_token": form.fields["csrf_token"], "session": session.fingerprint},
    )
    assert answer.status_code == 403
    assert (await victim.get(office.dashboard)).status_code == 200


async def test_sessions_are_found_by_the_beginning_of_a_word(office: Office):
    browser = await boss(office)
    await ada(office)
    found = html.unescape((await browser.get(place(office), params={"q": "LOVE"})).text)
    assert "Ada Lovelace" in found
    assert "1 of 1" in found
    none = (await browser.get(place(office), params={"q": "%"})).text
    assert "No session was found" in none


async def test_many_sessions_come_in_pages(office: Office, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("live_agent.sessions.places.AT_ONCE", 2)
    monkeypatch.setattr("live_agent.console.sessions.AT_ONCE", 2)
    browser = await boss(office)
    for number in range(4):
        await office.enter(subject=f"s{number}", email=f"p{number}@acme.example", name=f"P{number}")
    pages = [
        html.unescape((await browser.get(place(office), params={"page": n})).text)
        for n in ("1", "2", "3")
    ]
    assert "P0" in pages[0]
    assert "4 of 5" in pages[1]
    assert "Zoe Boss" in pages[2]


@pytest.mark.parametrize("language", ["de", "ja"])
async def test_the_pages_are_whole_in_every_language(office: Office, language: str):
    browser = await boss(office)
    browser.headers["accept-language"] = language
    for address in (place(office), profile(office)):
        page = await browser.get(address)
        assert page.status_code == 200
        assert "this browser" not in page.text
