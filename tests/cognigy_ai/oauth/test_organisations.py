"""A mail with a sign-in link for each organisation, and an answer that tells nothing."""

from collections.abc import AsyncIterator

import httpx
import pytest

from cognigy_ai import letters
from support.platform import ACME, BASE, OUTBOX, Platform
from support.visitor import forms_of

GLOBEX = "b" * 24
PAGE = "/login/organisations"


@pytest.fixture
async def browser(acme: Platform) -> AsyncIterator[httpx.AsyncClient]:
    """Ada has accounts at Acme and Globex, Ben at Acme."""
    await acme.add_organisation(GLOBEX, "Globex")
    await acme.add_user()
    await acme.add_user(organisation=GLOBEX)
    await acme.add_user("ben@acme.example", name="Ben")
    async with acme.browser() as one:
        yield one


async def ask(browser: httpx.AsyncClient, email: str, path: str = PAGE) -> httpx.Response:
    form = next(f for f in forms_of((await browser.get(path)).text) if "email" in f.names)
    return await browser.post(
        form.action, data=form.fields | {"email": email}, headers={"origin": BASE}
    )


async def mails(platform: Platform) -> list[dict[str, object]]:
    found = await OUTBOX.lease(platform.database, platform.now)
    return [dict(one.payload or {}) for one in found if one.kind == letters.ORGANISATIONS]


async def test_a_mail_names_each_organisation(acme: Platform, browser: httpx.AsyncClient) -> None:
    answer = await ask(browser, " ADA@acme.example")
    assert answer.headers["location"] == f"{PAGE}/sent"
    (mail,) = await mails(acme)
    assert mail["to"] == "ada@acme.example"
    named = [{"id": ACME, "name": "Acme"}, {"id": GLOBEX, "name": "Globex"}]
    assert mail["organisations"] == named
    assert mail["query"] == ""


@pytest.mark.parametrize("email", ["ada@acme.example", "ben@acme.example", "nobody@acme.example"])
async def test_the_answer_is_the_same_for_everybody(
    acme: Platform, browser: httpx.AsyncClient, email: str
) -> None:
    answer = await ask(browser, email)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PAGE}/sent")
    assert acme.clock.slept == [pytest.approx(0.5)]
    assert email not in (await browser.get(answer.headers["location"])).text
    assert len(await mails(acme)) == (1 if email.startswith("ada") else 0)


async def test_at_most_three_mails_an_hour_go_to_one_address(
    acme: Platform, browser: httpx.AsyncClient
) -> None:
    for _ in range(5):
        assert (await ask(browser, "ada@acme.example")).status_code == 303
    assert len(await mails(acme)) == 3


async def test_a_network_that_asks_too_often_waits(
    acme: Platform, browser: httpx.AsyncClient
) -> None:
    for number in range(10):
        assert (await ask(browser, f"p{number}@acme.example")).status_code == 303
    assert (await ask(browser, "ada@acme.example")).status_code == 429
    assert await mails(acme) == []


async def test_what_is_no_address_is_told(browser: httpx.AsyncClient) -> None:
    answer = await ask(browser, "ada")
    assert answer.status_code == 422
    assert "Enter an e-mail address" in answer.text


async def test_the_request_waits_at_the_way_back(browser: httpx.AsyncClient) -> None:
    login = await browser.get("/login?return_to=/help")
    assert f"{PAGE}?return_to=/help" in login.text
    answer = await ask(browser, "ada@acme.example", f"{PAGE}?return_to=/help")
    sent = await browser.get(answer.headers["location"])
    assert "/login?return_to=%2Fhelp" in sent.text
