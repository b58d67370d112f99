"""Break-glass: the only way in when the platform is down (idea 18, DESIGN section 3 rule 9)."""

import asyncio
import html
from typing import Any

import httpx
import pytest

from kernel.problems import ProblemError
from live_agent.break_glass import actions as break_glass
from live_agent.break_glass.actions import Order
from live_agent.break_glass.rules import LINK_SECONDS, SESSION_SECONDS
from live_agent.problems import Problem
from support.office import BASE, Office, submit
from support.visitor import form_with

BOSS: dict[str, Any] = {
    "subject": "boss",
    "email": "boss@acme.example",
    "name": "The Boss",
    "roles": ("administrator",),
}


async def make(office: Office, user_id: str, **changes: Any) -> str:
    """The link's path."""
    values: dict[str, Any] = {
        "account_id": office.account.id,
        "user_id": user_id,
        "reason": "Cognigy.AI is down",
        "made_by": "root",
    }
    async with office.database.transaction() as tx:
        secret = await break_glass.make(
            tx, office.state.outbox, Order(**(values | changes)), office.now
        )
    return f"/break-glass/{secret}"


async def boss(office: Office) -> str:
    return (await office.enter(**BOSS)).user_id


async def use(browser: httpx.AsyncClient, link: str) -> httpx.Response:
    page = await browser.get(link)
    return await submit(browser, form_with(page, to=link))


async def test_opening_it_changes_nothing_and_the_button_lets_in_once(office: Office):
    """Mail and chat scanners open links, too."""
    link = await make(office, await boss(office))
    browser = office.browser()
    for _ in range(3):
        page = await browser.get(link)
        assert page.status_code == 200
        for expected in ("The Boss", "Cognigy.AI is down", "root"):
            assert expected in html.unescape(page.text)
    entered = await use(browser, link)
    assert (entered.status_code, entered.headers["location"]) == (303, office.dashboard)
    cookie = entered.headers["set-cookie"]
    assert f"Max-Age={SESSION_SECONDS}" in cookie
    assert (await browser.get(office.dashboard)).status_code == 200
    late = await office.browser().get(link)
    assert late.status_code == 410


async def test_every_page_says_that_it_is_an_emergency(office: Office):
    browser = office.browser()
    await use(browser, await make(office, await boss(office)))
    account = f"/app/accounts/{office.account.id}"
    for place in ("dashboard", "profile", "settings/agents", "settings/account", "settings/doors"):
        page = await browser.get(f"{account}/{place}")
        assert "Emergency session, without Cognigy.AI" in html.unescape(page.text), place
    usual = await office.signed_in_browser(**BOSS)
    assert "Emergency session" not in (await usual.get(office.dashboard)).text


async def test_it_ends_after_an_hour_and_no_question_to_the_platform_ends_it(office: Office):
    browser = office.browser()
    await use(browser, await make(office, await boss(office)))
    office.clock.advance(SESSION_SECONDS - 60)  # the platform is not there at all
    assert (await browser.get(office.dashboard)).status_code == 200
    office.clock.advance(60)
    assert (await browser.get(office.dashboard)).status_code == 303


async def test_it_opens_for_ten_minutes(office: Office):
    link = await make(office, await boss(office))
    office.clock.advance(LINK_SECONDS)
    assert (await office.browser().get(link)).status_code == 410


async def test_old_administrators_get_in_as_well(office: Office):
    old = await office.add_old_user(roles=("administrator",))
    browser = office.browser()
    assert (await use(browser, await make(office, old))).status_code == 303
    assert (await office.user(old))["subject"] is None


async def test_every_administrator_is_told_when_it_is_made_and_when_it_is_used(office: Office):
    user = await boss(office)
    await office.enter(**(BOSS | {"subject": "second", "email": "second@acme.example"}))
    await office.enter()  # an agent
    await use(office.browser(), await make(office, user))
    letters = await office.state.outbox.lease(office.database, office.now, limit=100)
    told = sorted(
        (one.kind, str(one.payload["to"]))
        for one in letters
        if one.payload and one.kind.startswith("mail.break_glass")
    )
    both = ["boss@acme.example", "second@acme.example"]
    assert told == [
        *(("mail.break_glass_made", one) for one in both),
        *(("mail.break_glass_used", one) for one in both),
    ]
    (made,) = await office.events("break_glass.made")
    (used,) = await office.events("break_glass.used")
    assert made["user_id"] == used["user_id"] == user


async def test_of_eight_who_press_the_button_at_once_one_gets_in(office: Office):
    link = await make(office, await boss(office))
    browsers = [office.browser() for _ in range(8)]
    pages = await asyncio.gather(*(browser.get(link) for browser in browsers))
    answers = await asyncio.gather(
        *(
            submit(browser, form_with(page, to=link))
            for browser, page in zip(browsers, pages, strict=True)
        )
    )
    assert sorted(one.status_code for one in answers) == [303, *([410] * 7)]
    glass = [row for row in await office.rows("sessions") if row["method"] == "break_glass"]
    assert len(glass) == 1


async def test_a_newer_link_makes_the_one_before_void(office: Office):
    user = await boss(office)
    first, second = await make(office, user), await make(office, user)
    assert (await office.browser().get(first)).status_code == 410
    assert (await use(office.browser(), second)).status_code == 303


@pytest.mark.parametrize("state", ["disabled", "suspended", "agent", "stripped"])
async def test_it_is_neither_made_nor_used_for_somebody_who_must_not_get_in(
    office: Office, state: str
):
    """Lesson 33: asked again where it is used."""
    user = await boss(office)
    browser = office.browser()
    link = await make(office, user)
    page = await browser.get(link)
    if state == "disabled":
        await office.disable(user)
    elif state == "suspended":
        await office.suspend()
    else:
        await office.set_user(user, roles="agent" if state == "agent" else "")
    spent = await submit(browser, form_with(page, to=link))
    assert spent.status_code == 410
    with pytest.raises(ProblemError) as caught:
        await make(office, user)
    assert caught.value.problem is Problem.BREAK_GLASS_REFUSED
    assert not [row for row in await office.rows("sessions") if row["method"] == "break_glass"]


async def test_a_user_of_another_account_is_unknown(office: Office):
    other = await office.add_account("Other", None)
    with pytest.raises(ProblemError) as caught:
        await make(office, await boss(office), account_id=other.id)
    assert caught.value.problem is Problem.USER_UNKNOWN


async def test_the_session_ends_with_the_persons_access(office: Office):
    user = await boss(office)
    browser = office.browser()
    await use(browser, await make(office, user))
    await office.disable(user)
    assert (await browser.get(office.dashboard)).status_code != 200


async def test_nothing_that_it_makes_outlives_it(office: Office):
    """An API token would be a way in that stays."""
    browser = office.browser()
    await use(browser, await make(office, await boss(office)))
    page = await browser.get(f"/app/accounts/{office.account.id}/profile")
    answer = await submit(browser, form_with(page, "name", to="token"), name="for later")
    assert answer.status_code == 403
    assert "Not in an emergency session" in html.unescape(answer.text)
    assert await office.rows("api_tokens") == []


@pytest.mark.parametrize("environment", [{"LOCAL_USERS": "allowed"}])
@pytest.mark.parametrize(
    ("place", "deed"),
    [
        ("agents/new", ""),
        ("agents/{old}", ""),
        ("agents/{old}/mail", ""),
        ("agents/{old}/doors/let-in", ""),
        ("agents/{moved}/history", ""),
        ("migration/deed", "reopen"),
        ("conflicts/co_1", "decide"),
        ("conflicts/co_1", "approve"),
    ],
)
async def test_nobody_else_gets_a_way_in_by_it_that_outlives_it(
    office: Office, environment: dict[str, str], place: str, deed: str
):
    """People, links, opened doors, decided conflicts, and the way back to the old login."""
    assert environment
    old = await office.add_old_user(email="old@acme.example", confirmed=False)
    await office.add_old_user()
    place = f"/app/accounts/{office.account.id}/settings/" + place.format(
        old=old, moved=(await office.enter()).user_id
    )
    browser = office.browser()
    await use(browser, await make(office, await boss(office)))
    token = form_with(await browser.get(office.dashboard), to="logout").fields["csrf_token"]
    before = len(await office.rows("outbox")), len(await office.rows("users"))
    typed = {
        "name": "Me Again",
        "email": "me@evil.example",
        "role.administrator": "1",
        "reason": "I want to come back",
        "choice": "separate",
        "deed": deed,
        "chosen": old,
        "confirmed": "1",
    }
    answer = await browser.post(
        place,
        data=typed | {"csrf_token": token},
        headers={"origin": BASE, "sec-fetch-site": "same-origin"},
    )
    assert answer.status_code == 403, answer.text
    assert "Not in an emergency session" in html.unescape(answer.text)
    assert (len(await office.rows("outbox")), len(await office.rows("users"))) == before


async def test_of_two_links_that_are_made_at_once_one_works(office: Office):
    """Two operators in one incident: the second waits until the first link is there to be void."""
    user = await boss(office)
    order = Order(office.account.id, user, "Cognigy.AI is down", "root")
    async with office.database.transaction() as tx:
        secret = await break_glass.make(tx, office.state.outbox, order, office.now)
        making = asyncio.create_task(make(office, user))
        await asyncio.sleep(0.5)
    assert (await office.browser().get(await making)).status_code == 200
    assert (await office.browser().get(f"/break-glass/{secret}")).status_code == 410


async def test_a_form_without_its_token_spends_nothing(office: Office):
    """Lesson 39: nobody pushes a ready session on somebody from another site."""
    link = await make(office, await boss(office))
    answer = await office.browser().post(
        link, data={"csrf_token": "x"}, headers={"origin": "https://evil.example"}
    )
    assert answer.status_code == 403
    assert (await use(office.browser(), link)).status_code == 303
