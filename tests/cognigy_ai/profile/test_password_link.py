"""/password/set/{secret}: a link that sets a password once, and only by its button."""

import asyncio

import httpx
import pytest

from cognigy_ai import letters
from cognigy_ai.sessions import actions as sessions
from cognigy_ai.users import actions as users
from cognigy_ai.users import links, security
from cognigy_ai.users.policy import PasswordPolicy
from support.mailbox import last_letter, letters_of
from support.platform import ACME, OUTBOX, PASSWORD, Platform, submit

NEW = "a brand new long password"


@pytest.fixture
async def link(acme: Platform) -> str:
    user = await acme.add_user()
    async with acme.database.transaction() as tx:
        secret = await links.new(tx, user.id, acme.now)
    return f"/password/set/{secret}"


@pytest.fixture
async def browser(acme: Platform):
    async with acme.browser() as client:
        yield client


async def has_password(platform: Platform, password: str) -> bool:
    user = await users.get_by_email(platform.database, "ada@acme.example", None)
    digest = await users.find_digest(platform.database, user.id)
    return await platform.means.passwords.matches(password, digest)


async def set_password(
    browser: httpx.AsyncClient, link: str, password: str = NEW
) -> httpx.Response:
    return await submit(browser, await browser.get(link), link, password=password)


async def test_the_button_sets_the_password_and_spends_the_link(
    acme: Platform, browser: httpx.AsyncClient, link: str
) -> None:
    answer = await set_password(browser, link)
    assert (answer.status_code, answer.headers["location"]) == (303, "/password/done")
    assert await has_password(acme, NEW)
    assert "Your password is set" in (await browser.get("/password/done")).text
    again = await browser.get(link)
    assert again.status_code == 410
    assert "used already or is too old" in again.text


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
async def test_a_password_judged_by_an_older_policy_is_not_stored(
    acme: Platform, browser: httpx.AsyncClient, link: str
) -> None:
    page = await browser.get(link)
    async with acme.database.transaction() as tx:
        await security.save_policy(tx, ACME, PasswordPolicy(min_length=40), acme.now)
        setting = asyncio.create_task(submit(browser, page, link, password=NEW))
        done, _ = await asyncio.wait({setting}, timeout=1)
        assert not done
    answer = await setting
    assert answer.status_code == 409
    assert "changed just now" in answer.text
    assert not await has_password(acme, NEW)
    assert (await submit(browser, page, link, password=NEW * 2)).status_code == 303


async def test_looking_at_the_link_spends_nothing(
    acme: Platform, browser: httpx.AsyncClient, link: str
) -> None:
    """Mail scanners and previews fetch links."""
    for method in ("GET", "HEAD", "GET"):
        assert (await browser.request(method, link)).status_code == 200
    assert await has_password(acme, PASSWORD)
    assert (await set_password(browser, link)).status_code == 303


async def test_the_page_names_whose_password_it_is(browser: httpx.AsyncClient, link: str) -> None:
    page = await browser.get(link)
    assert "ada@acme.example" in page.text
    assert "Acme" in page.text
    assert page.headers["referrer-policy"] == "same-origin"
    assert page.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("password", "shown"),
    [
        ("", "at least 12"),
        ("short", "at least 12"),
        ("password1234", "easy to guess"),
        ("ada-lovelace", "must not contain"),
        ("x" * 1025, "at most 1024"),
    ],
)
async def test_a_weak_password_leaves_the_link_as_it_is(
    acme: Platform, browser: httpx.AsyncClient, link: str, password: str, shown: str
) -> None:
    answer = await set_password(browser, link, password)
    assert answer.status_code == 422
    assert shown in answer.text
    assert await has_password(acme, PASSWORD)
    assert (await set_password(browser, link)).status_code == 303


@pytest.mark.parametrize("change", ["pl_unknown", "", "x" * 5000])
async def test_another_secret_is_refused(
    browser: httpx.AsyncClient, link: str, change: str
) -> None:
    answer = await browser.get(f"/password/set/{change}")
    assert answer.status_code in (404, 410)


async def test_the_link_is_too_old_after_a_day(
    acme: Platform, browser: httpx.AsyncClient, link: str
) -> None:
    page = await browser.get(link)
    acme.clock.advance(24 * 3600)
    assert (await submit(browser, page, link, password=NEW)).status_code == 410
    assert await has_password(acme, PASSWORD)


async def test_a_form_without_its_token_sets_nothing(
    acme: Platform, browser: httpx.AsyncClient, link: str
) -> None:
    await browser.get(link)
    assert (await browser.post(link, data={"password": NEW})).status_code == 403
    assert await has_password(acme, PASSWORD)


async def test_whoever_was_signed_in_is_signed_out(
    acme: Platform, browser: httpx.AsyncClient, link: str
) -> None:
    user = await users.get_by_email(acme.database, "ada@acme.example", None)
    async with acme.database.transaction() as tx:
        secret, _ = await sessions.start(tx, user.id, "pwd", 3600, "", acme.now)
    await set_password(browser, link)
    assert await sessions.find(acme.database, secret, acme.now) is None


async def test_of_simultaneous_uses_of_one_link_exactly_one_succeeds(
    acme: Platform, browser: httpx.AsyncClient, link: str
) -> None:
    page = await browser.get(link)
    passwords = [f"a brand new password {number}" for number in range(4)]
    answers = await asyncio.gather(
        *(submit(browser, page, link, password=password) for password in passwords)
    )
    assert sorted(answer.status_code for answer in answers) == [303, 410, 410, 410]
    won = [answer.status_code for answer in answers].index(303)
    assert await has_password(acme, passwords[won])


async def test_the_link_does_not_confirm_the_address(acme: Platform) -> None:
    """An operator handed it over; it was not mailed (DESIGN section 3 rule 4)."""
    user = await acme.add_user("new@acme.example", email_verified=False)
    async with acme.database.transaction() as tx:
        secret = await links.new(tx, user.id, acme.now)
    async with acme.browser() as browser:
        assert (await set_password(browser, f"/password/set/{secret}")).status_code == 303
    assert not (await users.get(acme.database, user.id)).email_verified


async def test_an_invited_person_is_welcomed_and_the_address_is_proved(acme: Platform) -> None:
    user = await acme.add_user("new@acme.example", password=None, email_verified=False)
    async with acme.database.transaction() as tx:
        await links.invite(tx, OUTBOX, user.id, "Grace Hopper", acme.now)
    letter = await last_letter(acme, letters.INVITATION)
    link = f"/password/set/{letter['secret']}"
    async with acme.browser() as browser:
        page = await browser.get(link)
        assert "Welcome to Acme" in page.text
        assert "new@acme.example" in page.text
        assert not (await users.get(acme.database, user.id)).email_verified
        assert (await submit(browser, page, link, password=NEW)).status_code == 303
    assert (await users.get(acme.database, user.id)).email_verified


async def test_the_policy_of_the_organisation_is_asked(
    acme: Platform, browser: httpx.AsyncClient, link: str
) -> None:
    async with acme.database.transaction() as tx:
        policy = PasswordPolicy(min_length=20, min_amount_numbers=1)
        await security.save_policy(tx, ACME, policy, acme.now)
    assert "At least 20 characters." in (await browser.get(link)).text
    refused = await set_password(browser, link)
    assert refused.status_code == 422
    assert "Digits needed: 1." in refused.text
    assert (await set_password(browser, link, NEW + " 1")).status_code == 303


async def test_the_person_is_told_of_the_new_password(
    acme: Platform, browser: httpx.AsyncClient, link: str
) -> None:
    await set_password(browser, link)
    assert [kind for kind, _ in await letters_of(acme)] == [letters.PASSWORD_CHANGED]


async def test_a_password_with_a_nul_is_refused(
    acme: Platform, browser: httpx.AsyncClient, link: str
) -> None:
    assert (await set_password(browser, link, "a long pass\x00word")).status_code == 400
    assert await has_password(acme, PASSWORD)


async def test_a_spent_link_leads_on_to_a_new_one(browser: httpx.AsyncClient, link: str) -> None:
    await set_password(browser, link)
    page = await browser.get(link)
    assert 'href="/password/forgot"' in page.text
    secret = link.rpartition("/")[2]
    for known in (f"/password/reset/{secret}", link):
        assert (await browser.get(known)).status_code == 410


async def test_no_page_after_the_link_has_it_in_its_address(
    browser: httpx.AsyncClient, link: str
) -> None:
    answer = await set_password(browser, link)
    assert link.rpartition("/")[2] not in answer.headers["location"]
    assert (await browser.get(link)).headers["referrer-policy"] == "same-origin"
