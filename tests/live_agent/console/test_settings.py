"""The settings of an account: who sees them, and the first of their pages."""

import html
import re

from support.office import ACME, ISSUER, Office, submit
from support.visitor import forms_of


async def test_an_administrator_is_led_to_the_first_page(office: Office):
    browser = await office.signed_in_browser(roles=("administrator",))
    place = f"/app/accounts/{office.account.id}/settings"
    dashboard = await browser.get(office.dashboard)
    assert f'href="{place}"' in dashboard.text
    answer = await browser.get(place)
    assert answer.status_code == 303
    first = answer.headers["location"]
    page = await browser.get(first)
    assert page.status_code == 200
    listed = page.text.split('class="rail-nav"')[1]
    assert re.search(rf'href="{first}"[^>]* aria-current="page"', listed)


async def test_the_account_says_what_it_is(office: Office):
    browser = await office.signed_in_browser(roles=("administrator",))
    page = await browser.get(f"/app/accounts/{office.account.id}/settings/account")
    text = html.unescape(page.text)
    for expected in ("Acme", ACME, ISSUER, "Account ID"):
        assert expected in text


async def test_whoever_may_see_none_of_them_sees_no_way_to_them(office: Office):
    browser = await office.signed_in_browser(roles=("agent",))
    place = f"/app/accounts/{office.account.id}/settings"
    assert place not in (await browser.get(office.dashboard)).text
    answer = await browser.get(place)
    assert answer.status_code == 403
    assert "Your roles do not allow this" in answer.text


async def test_an_administrator_requires_a_second_one_and_cannot_undo_it(office: Office):
    """ADR 0027: only the operator switches it off; the audit log has before and after, once."""
    browser = await office.signed_in_browser(roles=("administrator",))
    place = f"/app/accounts/{office.account.id}/settings/account"
    page = await browser.get(place)
    assert "One administrator decides alone" in page.text
    (form,) = [one for one in forms_of(page.text) if one.action == place]
    for _ in range(2):
        assert (await submit(browser, form, second_approval="0")).status_code == 303
    page = await browser.get(place)
    assert "A second administrator approves each decision" in page.text
    assert place not in [one.action for one in forms_of(page.text)]
    (event,) = await office.events("account.second_approval")
    assert event["account_id"] == office.account.id
    assert "before" in str(dict(event))
    agent = await office.signed_in_browser(subject="eve", email="e@acme.example")
    assert (await submit(agent, form)).status_code == 403
