"""Settings → Conflicts: the queue, both sides beside each other, and the decision."""

import html
from typing import Any

import httpx

from live_agent.problems import Problem
from support.office import Office, press, submit
from support.visitor import form_with

BOSS: dict[str, Any] = {
    "subject": "boss",
    "email": "boss@acme.example",
    "name": "The Boss",
    "roles": ("administrator",),
}


async def place(office: Office) -> str:
    """Two old Adas, and the address of the conflict between them."""
    await office.add_old_user(name="First Ada")
    await office.add_old_user(name="Second Ada")
    assert await office.refusal() is Problem.IDENTITY_CONFLICT
    (case,) = await office.rows("conflicts")
    return f"/app/accounts/{office.account.id}/settings/conflicts/{case['id']}"


def words(page: httpx.Response) -> str:
    return html.unescape(page.text)


async def test_the_queue_shows_who_came_and_leads_to_both_sides(office: Office):
    at = await place(office)
    browser = await office.signed_in_browser(**BOSS)
    queue = await browser.get(at.rpartition("/")[0])
    assert f'href="{at}"' in queue.text
    assert "Several old users have the address" in words(queue)
    page = await browser.get(at)
    for expected in ("Ada Lovelace", "First Ada", "Second Ada", "ada-1", "Reason"):
        assert expected in words(page)


async def test_an_administrator_decides_and_the_person_moves(office: Office):
    at = await place(office)
    browser = await office.signed_in_browser(**BOSS)
    second = next(row["id"] for row in await office.users() if row["name"] == "Second Ada")
    page = await browser.get(at)
    done = await press(browser, page, "decide", choice=f"link:{second}", reason="We called her.")
    assert done.status_code == 303
    assert "We called her." in words(await browser.get(at))
    assert (await office.enter()).user_id == second
    assert "carried out" in words(await browser.get(at))


async def test_a_decision_is_taken_back_by_its_button(office: Office):
    at = await place(office)
    browser = await office.signed_in_browser(**BOSS)
    page = await browser.get(at)
    await press(browser, page, "decide", choice="reject", reason="A stranger.")
    page = await browser.get(at)
    form = form_with(page, "decision")
    assert (await submit(browser, form, deed="take_back")).status_code == 303
    assert "taken back" in words(await browser.get(at))
    form_with(await browser.get(at), "choice", "reason")


async def test_a_decision_without_a_reason_says_so_and_keeps_what_was_chosen(office: Office):
    at = await place(office)
    browser = await office.signed_in_browser(**BOSS)
    page = await browser.get(at)
    again = await press(browser, page, "decide", choice="separate", reason="  ")
    assert again.status_code == 400
    assert "Say why" in words(again)
    assert '<option value="separate" selected>' in again.text
    again = await press(browser, page, "decide", choice="everything", reason="because")
    assert (again.status_code, await office.rows("decisions")) == (400, [])


async def test_somebody_who_was_quicker_is_told(office: Office):
    at = await place(office)
    browser = await office.signed_in_browser(**BOSS)
    page = await browser.get(at)
    await press(browser, page, "decide", choice="reject", reason="A stranger.")
    late = await press(browser, page, "decide", choice="separate", reason="Two people.")
    assert late.status_code == 409
    assert "This conflict has changed meanwhile" in words(late)


async def test_a_party_sees_the_case_and_no_button(office: Office):
    """Lesson 20: whoever has the address cannot decide who gets the other user."""
    at = await place(office)
    first = next(row["id"] for row in await office.users() if row["name"] == "First Ada")
    browser = await office.signed_in_browser(**BOSS)
    session = next(row for row in await office.rows("sessions"))
    assert session["user_id"] != first
    await office.set_user(first, roles="administrator", email="first@acme.example")
    await office.set_user(first, email_key="first@acme.example")
    party = office.browser()
    assert (await office.old_login(party, "first@acme.example")).status_code == 303
    page = await party.get(at)
    assert "about your own user" in words(page)
    assert 'name="choice"' not in page.text
    sent = await press(
        browser, await browser.get(at), "decide", choice="separate", reason="Two people."
    )
    assert sent.status_code == 303


async def test_the_pages_are_of_their_account_and_of_administrators(office: Office):
    at = await place(office)
    agent = await office.signed_in_browser(
        subject="bob", email="bob@acme.example", roles=("supervisor",)
    )
    assert (await agent.get(at)).status_code == 403
    other = await office.add_account("Other", "bbbbbbbbbbbbbbbbbbbbbbbb")
    stranger = await office.signed_in_browser(**BOSS, organisation=other.organisation_id)
    assert (await stranger.get(at)).status_code == 404
    foreign = at.replace(f"/accounts/{office.account.id}/", f"/accounts/{other.id}/")
    assert (await stranger.get(foreign)).status_code == 404


async def test_a_link_to_nobody_is_none_of_the_decisions(office: Office):
    at = await place(office)
    browser = await office.signed_in_browser(**BOSS)
    for nobody in ("link:", "link:us_nobody"):
        page = await browser.get(at)
        refused = await press(browser, page, "decide", choice=nobody, reason="Him.")
        assert (refused.status_code, await office.rows("decisions")) == (409, []), nobody
