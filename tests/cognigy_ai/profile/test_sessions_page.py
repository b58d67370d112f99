"""/profile/sessions: where I am signed in, and how that ends."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest
from sqlalchemy import select

from cognigy_ai.db.tables import audit_events
from cognigy_ai.sessions import actions as sessions
from support.platform import BASE, Platform, submit
from support.visitor import forms_of

PAGE = "/profile/sessions"
OTHERS = "/profile/sessions/end-others"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Safari/604.1"
EVENTS = select(audit_events.c.event, audit_events.c.user_id, audit_events.c.organisation_id)


@dataclass
class Person:
    """Somebody with a browser."""

    id: str
    http: httpx.AsyncClient
    session_id: str


async def begin(
    platform: Platform, user_id: str, user_agent: str = PHONE, amr: str = "pwd"
) -> tuple[str, str]:
    async with platform.database.transaction() as tx:
        return await sessions.start(tx, user_id, amr, 3600, user_agent, platform.now)


@pytest.fixture
async def ada(acme: Platform) -> AsyncIterator[Person]:
    user = await acme.add_user()
    secret, session_id = await begin(acme, user.id, FIREFOX)
    async with acme.browser() as browser:
        browser.cookies.set("ai_8000_session", secret)
        yield Person(user.id, browser, session_id)


async def living(platform: Platform, user_id: str) -> set[str]:
    found = await sessions.list_of_user(platform.database, user_id, platform.now)
    return {one.id for one in found}


async def test_each_browser_is_named_and_this_one_marked(acme: Platform, ada: Person) -> None:
    await begin(acme, ada.id, PHONE, amr="pwd otp mfa")
    page = (await ada.http.get(PAGE)).text
    assert "<title>Sessions · Cognigy.AI</title>" in page
    this, other = page.index("Firefox on Linux"), page.index("Safari on iPhone")
    assert this < page.index("this browser") < other
    assert "(Password)" in page
    assert "(Password and one-time password)" in page


async def test_this_browser_has_no_button_that_ends_it(ada: Person) -> None:
    page = await ada.http.get(PAGE)
    assert [form.action for form in forms_of(page.text) if PAGE in form.action] == []
    assert "End all others" not in page.text


async def test_one_session_is_ended_and_the_rest_goes_on(acme: Platform, ada: Person) -> None:
    _, lost = await begin(acme, ada.id)
    _, kept = await begin(acme, ada.id)
    answer = await submit(ada.http, await ada.http.get(PAGE), f"{PAGE}/{lost}/end")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PAGE}?ended=one")
    assert "That browser is signed out." in (await ada.http.get(answer.headers["location"])).text
    assert await living(acme, ada.id) == {ada.session_id, kept}


async def test_all_others_end_at_once(acme: Platform, ada: Person) -> None:
    await begin(acme, ada.id)
    await begin(acme, ada.id)
    answer = await submit(ada.http, await ada.http.get(PAGE), OTHERS)
    assert answer.headers["location"] == f"{PAGE}?ended=others"
    assert await living(acme, ada.id) == {ada.session_id}
    assert "All other browsers" in (await ada.http.get(answer.headers["location"])).text


async def test_ending_twice_does_no_harm(acme: Platform, ada: Person) -> None:
    _, lost = await begin(acme, ada.id)
    page = await ada.http.get(PAGE)
    for _ in range(2):
        assert (await submit(ada.http, page, f"{PAGE}/{lost}/end")).status_code == 303
    ended = [row for row in await acme.database.all(EVENTS) if row["event"] == "session.ended"]
    assert [(row["user_id"], row["organisation_id"]) for row in ended] == [(ada.id, "a" * 24)]


async def test_a_colleagues_session_is_not_found_and_goes_on(acme: Platform, ada: Person) -> None:
    colleague = await acme.add_user("bob@acme.example", roles=("admin",))
    _, theirs = await begin(acme, colleague.id)
    await begin(acme, ada.id)
    page = await ada.http.get(PAGE)
    assert theirs not in page.text
    token = next(f for f in forms_of(page.text) if f.action == OTHERS).fields
    answers = [
        await ada.http.post(f"{PAGE}/{session_id}/end", data=token, headers={"origin": BASE})
        for session_id in (theirs, "unknown", "x" * 3000)
    ]
    assert [answer.status_code for answer in answers] == [404] * 3
    assert all("There is no such session" in answer.text for answer in answers)
    assert await living(acme, colleague.id) == {theirs}


async def test_a_form_of_another_site_ends_nothing(acme: Platform, ada: Person) -> None:
    _, other = await begin(acme, ada.id)
    action = f"{PAGE}/{other}/end"
    form = next(f for f in forms_of((await ada.http.get(PAGE)).text) if f.action == action)
    evil = {"origin": "https://evil.example"}
    assert (await ada.http.post(action, data=form.fields, headers=evil)).status_code == 403
    assert (await ada.http.post(action, data={"csrf_token": "no"})).status_code == 403
    assert other in await living(acme, ada.id)


async def test_what_expired_or_ended_is_not_listed(acme: Platform, ada: Person) -> None:
    _, over = await begin(acme, ada.id)
    async with acme.database.transaction() as tx:
        await sessions.end(tx, over, acme.now, sessions.LOGOUT)
    assert await living(acme, ada.id) == {ada.session_id}
    acme.clock.advance(3600)
    assert await living(acme, ada.id) == set()
