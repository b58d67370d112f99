"""Links that old users get by mail: forgotten password, invitation, confirmation of the address."""

import asyncio
import html
import re

import httpx
import pytest

from live_agent.agents import actions as agents
from live_agent.agents import links
from live_agent.agents.rules import User
from support.office import BASE, OLD_PASSWORD, Office, submit
from support.visitor import form_with, forms_of

NEW_PASSWORD = "Copper-lantern-meadow-17"
FORGOT = "/old-login/forgot"


async def forget(
    office: Office, email: str = "ada@acme.example", browser: httpx.AsyncClient | None = None
) -> httpx.Response:
    browser = browser or office.browser()
    return await submit(browser, form_with(await browser.get(FORGOT), "email"), email=email)


async def reset_path(office: Office) -> str:
    return "/old-login/password/" + str((await office.letters("mail.reset"))[-1]["secret"])


async def mailed(office: Office, user_id: str, kind: str) -> str:
    """Mail a link, and where it leads."""
    user = await agents.get(office.database, office.account.id, user_id)
    assert isinstance(user, User)
    async with office.database.transaction() as tx:
        assert await links.mail(tx, office.state.outbox, user, kind, office.now, by="test")
    secret = (await office.letters(f"mail.{kind}"))[-1]["secret"]
    return f"/old-login/{'confirm' if kind == links.CONFIRMATION else 'password'}/{secret}"


async def press(office: Office, path: str, **fields: str) -> httpx.Response:
    """Open the link in a new browser and press its button."""
    browser = office.browser()
    page = await browser.get(path)
    assert page.status_code == 200, page.text
    form = next(one for one in forms_of(page.text) if one.action == path)
    return await submit(browser, form, **fields)


async def gets_in(office: Office, password: str) -> bool:
    answer = await office.old_login(office.browser(), password=password)
    return answer.status_code == 303


async def test_a_forgotten_password_is_set_by_a_mailed_link_once(office: Office):
    old = await office.add_old_user()
    there = office.browser()
    await office.old_login(there)
    assert (await forget(office, " ADA@acme.example ")).headers["location"] == f"{FORGOT}/sent"
    path = await reset_path(office)
    assert (await there.get(path)).status_code == 200  # a scanner opened it: nothing is spent
    answer = await press(office, path, password=NEW_PASSWORD)
    assert answer.headers["location"] == "/old-login/done?what=password"
    assert await gets_in(office, NEW_PASSWORD)
    assert not await gets_in(office, OLD_PASSWORD)
    assert (await there.get(office.dashboard)).status_code != 200  # signed out
    spent = await office.browser().get(path)
    assert spent.status_code == 410
    assert FORGOT in spent.text
    assert (await office.letters("mail.password_changed"))[-1]["to"] == "ada@acme.example"
    [event] = await office.events("user.password_set")
    assert event["user_id"] == old


async def test_of_two_simultaneous_redemptions_exactly_one_succeeds(office: Office):
    await office.add_old_user()
    await forget(office)
    path = await reset_path(office)
    answers = await asyncio.gather(
        *(press(office, path, password=f"{NEW_PASSWORD}{n}") for n in "ab")
    )
    assert sorted(a.status_code for a in answers) == [303, 410]


@pytest.mark.parametrize("kind", [links.RESET, links.INVITATION, links.CONFIRMATION])
async def test_a_link_from_before_the_move_is_dead_after_it(office: Office, kind: str):
    """Lesson 72: judged where it is redeemed, before the password is written."""
    old = await office.add_old_user()
    path = await mailed(office, old, kind)
    browser = office.browser()
    form = next(one for one in forms_of((await browser.get(path)).text) if one.action == path)
    await office.enter()
    assert (await office.user(old))["moved_at"] is not None
    answer = await submit(browser, form, password=NEW_PASSWORD)
    assert answer.status_code == 410
    assert (await office.user(old))["password_digest"] is None
    assert (await browser.get(path)).status_code == 410


@pytest.mark.parametrize("change", ["disabled", "suspended", "closed", "address", "late", "newer"])
async def test_a_link_does_not_outlive_what_it_was_mailed_for(office: Office, change: str):
    old = await office.add_old_user()
    path = await mailed(office, old, links.RESET)
    browser = office.browser()
    form = form_with(await browser.get(path), "password")
    if change == "disabled":
        await office.disable(old)
    elif change == "suspended":
        await office.suspend()
    elif change == "closed":  # lesson 72, of the old login's own end
        await office.set_user(old, password_closed_at=office.now)
    elif change == "address":
        await office.set_user(old, email="bob@acme.example", email_key="bob@acme.example")
    elif change == "late":
        office.clock.advance(1801)
    else:
        await mailed(office, old, links.RESET)
    digest = (await office.user(old))["password_digest"]
    assert (await submit(browser, form, password=NEW_PASSWORD)).status_code == 410
    assert (await office.user(old))["password_digest"] == digest


async def test_whoever_has_moved_gets_a_mail_without_a_link(office: Office):
    """Lesson 73, 77: nothing usable, and the way in that is theirs."""
    await office.add_old_user()
    await office.enter()
    await forget(office)
    assert await office.letters("mail.reset") == []
    [letter] = await office.letters("mail.moved_already")
    assert "secret" not in letter
    assert await office.rows("old_links") == []


async def test_whoever_s_old_login_is_closed_gets_a_mail_without_a_link(office: Office):
    """The same way in is theirs; whoever has the address elsewhere too gets that link."""
    closed = await office.add_old_user()
    await office.set_user(closed, password_closed_at=office.now)
    globex = await office.add_account("Globex", "b" * 24)
    open_there = await office.add_old_user(account_id=globex.id)
    await forget(office)
    assert len(await office.letters("mail.moved_already")) == 1
    [link] = await office.rows("old_links")
    assert link["user_id"] == open_there


async def test_one_who_came_by_the_platform_has_no_password_to_reset(office: Office):
    """Lesson 74."""
    entered = await office.enter()
    await forget(office)
    assert await office.rows("old_links") == []
    [row] = await office.users()
    assert row["password_digest"] is None
    assert entered is not None


@pytest.mark.parametrize(
    "body",
    [
        "email=ada%40acme.example&email=eve%40evil.example",
        "email[]=ada%40acme.example&email[]=eve%40evil.example",
        "email=ada%40acme.example%2Ceve%40evil.example",
        "email=ada%40acme.example%20eve%40evil.example",
        "email=ada%40acme.example%0Aeve%40evil.example",
    ],
)
async def test_a_list_of_addresses_or_a_second_one_is_refused(office: Office, body: str):
    """Lesson 73 (CVE-2023-7028)."""
    await office.add_old_user()
    browser = office.browser()
    token = form_with(await browser.get(FORGOT), "email").fields["csrf_token"]
    answer = await browser.post(
        FORGOT,
        content=f"csrf_token={token}&{body}",
        headers={"origin": BASE, "content-type": "application/x-www-form-urlencoded"},
    )
    assert answer.status_code in (400, 422)
    assert await office.rows("old_links") == []


async def test_forgotten_passwords_are_answered_alike_and_at_the_same_time(office: Office):
    """Lesson 75: unknown, known, moved, disabled, closed and unconfirmed addresses."""
    await office.add_old_user(email="known@acme.example")
    await office.disable(await office.add_old_user(email="disabled@acme.example"))
    closed = await office.add_old_user(email="closed@acme.example")
    await office.set_user(closed, password_closed_at=office.now)
    await office.add_old_user(email="pending@acme.example", confirmed=False)
    await office.add_old_user(email="ada@acme.example")
    await office.enter()
    told = []
    for name in ("unknown", "known", "disabled", "closed", "pending", "ada"):
        browser = office.browser()
        form = form_with(await browser.get(FORGOT), "email")
        before = office.clock.monotonic()
        answer = await submit(browser, form, email=f"{name}@acme.example")
        took = round(office.clock.monotonic() - before, 3)
        sent = await browser.get(answer.headers["location"])
        text = re.sub(r"[A-Z2-7]{12}", "", re.sub(r'csrf_token" value="[^"]+"', "", sent.text))
        told.append((answer.status_code, answer.headers["location"], answer.content, took, text))
    assert told == [told[0]] * len(told)


async def test_an_address_gets_three_mails_an_hour_and_says_nothing_of_it(office: Office):
    await office.add_old_user()
    for _ in range(5):
        assert (await forget(office)).headers["location"] == f"{FORGOT}/sent"
    assert len(await office.letters("mail.reset")) == 3
    office.clock.advance(3601)
    await forget(office)
    assert len(await office.letters("mail.reset")) == 4


async def test_a_network_that_asks_too_often_waits(office: Office):
    for number in range(10):
        assert (await forget(office, f"n{number}@acme.example")).status_code == 303
    answer = await forget(office, "one@acme.example")
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("Short-1", "at least 12 characters"),
        ("copper-lantern-meadow-17", "upper-case letter"),
        ("Copper-lantern-meadow", "digit"),
        ("CopperLanternMeadow17", "neither a letter nor a digit"),
        ("Qwertyuiop123!", "easy to guess"),
        ("Lovelace-ada-Meadow-17", "must not contain"),
        ("", "at least 12 characters"),
    ],
)
async def test_a_password_that_breaks_the_rule_spends_nothing(
    office: Office, password: str, said: str
):
    old = await office.add_old_user(name="Ada Lovelace")
    path = await mailed(office, old, links.RESET)
    answer = await press(office, path, password=password)
    assert answer.status_code == 422
    assert said in html.unescape(answer.text)
    assert (await press(office, path, password=NEW_PASSWORD)).status_code == 303


async def test_an_invitation_sets_the_first_password_and_confirms_the_address(office: Office):
    old = await office.add_old_user(digest=None, confirmed=False)
    path = await mailed(office, old, links.INVITATION)
    assert not await gets_in(office, NEW_PASSWORD)
    assert (await press(office, path, password=NEW_PASSWORD)).status_code == 303
    assert await gets_in(office, NEW_PASSWORD)
    assert (await office.user(old))["confirmed_at"] == office.now
    assert await office.letters("mail.password_changed") == []


async def test_a_confirmation_lets_the_present_password_in(office: Office):
    old = await office.add_old_user(confirmed=False)
    path = await mailed(office, old, links.CONFIRMATION)
    assert not await gets_in(office, OLD_PASSWORD)
    answer = await press(office, path)
    assert answer.headers["location"] == "/old-login/done?what=confirmed"
    assert await gets_in(office, OLD_PASSWORD)
    assert (await office.browser().get(path)).status_code == 410


async def test_a_confirmation_link_sets_no_password_and_the_other_way_round(office: Office):
    """Lesson 28: a link is for one thing."""
    old = await office.add_old_user(confirmed=False)
    confirmation = await mailed(office, old, links.CONFIRMATION)
    as_password = confirmation.replace("/confirm/", "/password/")
    assert (await office.browser().get(as_password)).status_code == 410
    reset = await mailed(office, old, links.RESET)
    assert (await office.browser().get(reset.replace("/password/", "/confirm/"))).status_code == 410


async def test_a_made_up_link_says_what_a_spent_one_says(office: Office):
    for secret in ("ol_made-up", "x" * 500):
        assert (await office.browser().get(f"/old-login/password/{secret}")).status_code == 410
    # what no address can hold names no page at all (kernel.web.guards)
    assert (await office.browser().get("/old-login/password/%00")).status_code == 404
