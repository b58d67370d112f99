"""The profile: an old password is changed by its owner, and nobody else's anywhere."""

import html

import httpx

from support.office import ISSUER, OLD_PASSWORD, Office, submit
from support.visitor import Form, form_with, forms_of

NEW_PASSWORD = "Copper-lantern-meadow-17"


async def form_of(office: Office, browser: httpx.AsyncClient) -> Form:
    page = await browser.get(f"/app/accounts/{office.account.id}/profile")
    return form_with(page, "current_password")


async def signed_in(office: Office) -> httpx.AsyncClient:
    browser = office.browser()
    assert (await office.old_login(browser)).status_code == 303
    return browser


async def test_the_password_is_changed_and_other_browsers_are_signed_out(office: Office):
    await office.add_old_user()
    here, there = await signed_in(office), await signed_in(office)
    form = await form_of(office, here)
    answer = await submit(here, form, current_password=OLD_PASSWORD, new_password=NEW_PASSWORD)
    assert answer.status_code == 303
    assert (await here.get(answer.headers["location"])).status_code == 200
    ended = await there.get(office.dashboard)
    assert "Your password was changed" in ended.text
    assert (await office.old_login(office.browser(), password=NEW_PASSWORD)).status_code == 303
    assert (await office.letters("mail.password_changed"))[-1]["to"] == "ada@acme.example"


async def test_the_present_password_is_asked_for_and_guesses_are_counted(office: Office):
    old = await office.add_old_user()
    browser = await signed_in(office)
    before = (await office.user(old))["password_digest"]
    form = await form_of(office, browser)
    for _ in range(5):
        began = office.clock.monotonic()
        answer = await submit(browser, form, current_password="wrong", new_password=NEW_PASSWORD)
        assert answer.status_code == 422
        assert office.clock.monotonic() - began >= 0.5
    answer = await submit(browser, form, current_password="wrong", new_password=NEW_PASSWORD)
    assert answer.status_code == 429
    answer = await submit(browser, form, current_password=OLD_PASSWORD, new_password=NEW_PASSWORD)
    assert answer.status_code == 429
    assert (await office.user(old))["password_digest"] == before
    office.clock.advance(31)
    answer = await submit(browser, form, current_password=OLD_PASSWORD, new_password=NEW_PASSWORD)
    assert answer.status_code == 303


async def test_a_moved_person_is_sent_to_the_platform(office: Office):
    """Lesson 76, 77 and DESIGN section 3 rule 5."""
    old = await office.add_old_user()
    browser = await office.signed_in_browser()
    page = await browser.get(f"/app/accounts/{office.account.id}/profile")
    assert "current_password" not in page.text
    token = forms_of(page.text)[0].fields["csrf_token"]
    place = f"/app/accounts/{office.account.id}/profile/password"
    form = Form(place, "post", {"csrf_token": token})
    answer = await submit(browser, form, current_password=OLD_PASSWORD, new_password=NEW_PASSWORD)
    assert answer.status_code == 403
    assert f"{ISSUER}/profile" in html.unescape(answer.text)
    assert (await office.user(old))["password_digest"] is None
