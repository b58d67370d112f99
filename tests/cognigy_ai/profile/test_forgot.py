"""/password/forgot: a mail for whoever has an account, and one answer for everybody."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from cognigy_ai import letters
from cognigy_ai.organisations import actions as organisations
from cognigy_ai.problems import Problem
from cognigy_ai.users import actions as users
from support.mailbox import last_letter, letters_of
from support.platform import BASE, OUTBOX, PASSWORD, Platform, submit
from support.visitor import forms_of

FORGOT = "/password/forgot"
ADA = "ada@acme.example"
NEW = "a brand new long password"
GLOBEX = "b" * 24


@pytest.fixture
async def browser(acme: Platform) -> AsyncIterator[httpx.AsyncClient]:
    await acme.add_user(email_verified=False)
    async with acme.browser() as client:
        yield client


async def ask(browser: httpx.AsyncClient, email: str = ADA, query: str = "") -> httpx.Response:
    return await submit(browser, await browser.get(FORGOT + query), FORGOT, email=email)


async def links_mailed(platform: Platform) -> list[str]:
    letter = await last_letter(platform, letters.RESET)
    return [f"/password/reset/{each['secret']}" for each in letter["links"]]


async def resets(platform: Platform) -> int:
    return [kind for kind, _ in await letters_of(platform)].count(letters.RESET)


async def test_from_the_login_page_to_a_new_password(
    acme: Platform, browser: httpx.AsyncClient
) -> None:
    assert 'href="/password/forgot"' in (await browser.get("/login")).text
    answer = await ask(browser)
    assert (answer.status_code, answer.headers["location"]) == (303, "/password/forgot/sent")
    assert "If somebody has an account" in (await browser.get("/password/forgot/sent")).text
    (link,) = await links_mailed(acme)
    page = await browser.get(link)
    assert "Set your password" in page.text
    assert (await submit(browser, page, link, password=NEW)).headers["location"] == "/password/done"
    user = await users.get_by_email(acme.database, ADA, None)
    assert user.email_verified
    digest = await users.find_digest(acme.database, user.id)
    assert await acme.means.passwords.matches(NEW, digest)
    assert not await acme.means.passwords.matches(PASSWORD, digest)


async def test_a_reset_signs_nobody_in(acme: Platform, browser: httpx.AsyncClient) -> None:
    await ask(browser)
    (link,) = await links_mailed(acme)
    await submit(browser, await browser.get(link), link, password=NEW)
    assert (await browser.get("/profile")).headers["location"].startswith("/login")


async def test_fetching_the_link_spends_nothing(acme: Platform, browser: httpx.AsyncClient) -> None:
    """Mail scanners fetch links, some of them follow every one, some post."""
    await ask(browser)
    (link,) = await links_mailed(acme)
    async with acme.browser() as scanner:
        for _ in range(3):
            assert (await scanner.get(link)).status_code == 200
            assert (await scanner.head(link)).status_code == 200
        assert (await scanner.post(link, data={"password": NEW})).status_code == 403
    assert (await submit(browser, await browser.get(link), link, password=NEW)).status_code == 303


async def disabled(platform: Platform) -> str:
    await platform.add_user("admin@acme.example", roles=("admin",))
    async with platform.database.transaction() as tx:
        user = await users.get_by_email(tx, ADA, None)
        await users.disable(tx, user.id, platform.now)
    return ADA


async def suspended(platform: Platform) -> str:
    async with platform.database.transaction() as tx:
        user = await users.get_by_email(tx, ADA, None)
        await organisations.suspend(tx, OUTBOX, user.organisation_id, platform.now)
    return ADA


async def unknown(_platform: Platform) -> str:
    return "nobody@acme.example"


async def known(_platform: Platform) -> str:
    return ADA


EVERYBODY = {"known": known, "unknown": unknown, "disabled": disabled, "suspended": suspended}


@pytest.mark.parametrize("case", EVERYBODY)
async def test_the_answer_tells_nothing_of_the_account(
    acme: Platform, browser: httpx.AsyncClient, case: str
) -> None:
    """Status, words, length and time are the same; so is what happens after many of them."""
    email = await EVERYBODY[case](acme)
    before = await browser.get(FORGOT)
    headers = set()
    for number in range(5):
        acme.clock.slept.clear()
        answer = await submit(browser, before, FORGOT, email=email)
        assert (answer.status_code, answer.headers["location"]) == (303, "/password/forgot/sent")
        assert answer.content == b""
        assert "set-cookie" not in answer.headers
        assert acme.clock.slept == [pytest.approx(0.5)]
        headers.add(tuple(sorted(answer.headers.items())))
        mailed = 1 if case == "known" else 0
        assert await resets(acme) == min(number + 1, 3) * mailed
    assert len(headers) == 1


async def test_at_most_three_mails_an_hour_go_to_one_address(
    acme: Platform, browser: httpx.AsyncClient
) -> None:
    page = await browser.get(FORGOT)
    for email in (ADA, "ADA@acme.example", f" {ADA} ", ADA, ADA):
        assert (await submit(browser, page, FORGOT, email=email)).status_code == 303
    assert await resets(acme) == 3
    acme.clock.advance(3601)
    await submit(browser, page, FORGOT, email=ADA)
    assert await resets(acme) == 4


async def test_a_burst_gets_no_more_mails_than_one_after_the_other(
    acme: Platform, browser: httpx.AsyncClient
) -> None:
    page = await browser.get(FORGOT)
    await asyncio.gather(*(submit(browser, page, FORGOT, email=ADA) for _ in range(8)))
    assert await resets(acme) == 3


async def test_one_network_cannot_ask_for_many(acme: Platform, browser: httpx.AsyncClient) -> None:
    page = await browser.get(FORGOT)
    for number in range(10):
        email = f"p{number}@acme.example"
        assert (await submit(browser, page, FORGOT, email=email)).status_code == 303
    acme.clock.slept.clear()
    refused = await submit(browser, page, FORGOT, email=ADA)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "3600")
    assert Problem.TOO_MANY_ATTEMPTS.spec.title in refused.text
    assert acme.clock.slept == [pytest.approx(0.5)]
    assert await resets(acme) == 0
    acme.clock.advance(3601)
    assert (await submit(browser, page, FORGOT, email=ADA)).status_code == 303


@pytest.mark.parametrize("email", ["", "nobody", "a b@acme.example", "x" * 300 + "@acme.example"])
async def test_what_is_no_address_is_said_so(
    acme: Platform, browser: httpx.AsyncClient, email: str
) -> None:
    answer = await ask(browser, email)
    assert answer.status_code == 422
    assert "Enter an e-mail address" in answer.text
    assert await letters_of(acme) == []


async def test_a_character_that_cannot_be_stored_is_refused(browser: httpx.AsyncClient) -> None:
    assert (await ask(browser, "a\x00@acme.example")).status_code == 400


@pytest.mark.parametrize(
    ("query", "mailed"),
    [("", ["Acme", "Globex"]), (f"?organisationId={GLOBEX}", ["Globex"])],
)
async def test_one_mail_for_all_organisations_or_for_the_one_that_is_asked_for(
    acme: Platform, browser: httpx.AsyncClient, query: str, mailed: list[str]
) -> None:
    await acme.add_organisation(GLOBEX, "Globex")
    await acme.add_user(organisation=GLOBEX)
    await ask(browser, query=query)
    letter = await last_letter(acme, letters.RESET)
    assert [each["organisation"] for each in letter["links"]] == mailed
    assert await resets(acme) == 1


@pytest.mark.parametrize("wanted", ["c" * 24, "nonsense", "' OR 1=1"])
async def test_an_organisation_that_the_person_is_not_in_gets_no_link(
    acme: Platform, browser: httpx.AsyncClient, wanted: str
) -> None:
    assert (await ask(browser, query=f"?organisationId={wanted}")).status_code == 303
    assert await letters_of(acme) == []


@pytest.mark.parametrize("header", ["host", "x-forwarded-host", "forwarded"])
async def test_a_foreign_host_name_never_comes_into_the_mail(
    acme: Platform, browser: httpx.AsyncClient, header: str
) -> None:
    form = forms_of((await browser.get(FORGOT)).text)
    fields = next(f for f in form if f.action == FORGOT).fields | {"email": ADA}
    value = "host=evil.example" if header == "forwarded" else "evil.example"
    answer = await browser.post(FORGOT, data=fields, headers={header: value, "origin": BASE})
    if header == "host":
        assert answer.headers["location"] == BASE + FORGOT
        assert await letters_of(acme) == []
    else:
        assert "evil.example" not in str(await letters_of(acme))


async def test_a_form_of_another_site_mails_nothing(
    acme: Platform, browser: httpx.AsyncClient
) -> None:
    answer = await browser.post(
        FORGOT, data={"email": ADA}, headers={"origin": "https://evil.example"}
    )
    assert answer.status_code == 403
    assert await letters_of(acme) == []


async def test_the_page_says_when_no_mail_leaves(browser: httpx.AsyncClient) -> None:
    assert "No mail leaves this installation" in (await browser.get(FORGOT)).text
