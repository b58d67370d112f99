"""One role for the selected people: a plan first, then a report with each person's outcome."""

import html
from collections.abc import AsyncIterator

import httpx
import pytest

from cognigy_ai.sessions import actions as sessions
from cognigy_ai.users import actions as users
from cognigy_ai.users.rules import User
from support.platform import Platform, submit

LIST = "/admin/users/selection"
APPLY = "/admin/users/selection/apply"
GLOBEX = "b" * 24


async def signed_in(platform: Platform, user: User) -> httpx.AsyncClient:
    async with platform.database.transaction() as tx:
        secret, _ = await sessions.start(tx, user.id, "pwd", 3600, "", platform.now)
    browser = platform.browser()
    browser.cookies.set("ai_8000_session", secret)
    return browser


@pytest.fixture
async def admin(acme: Platform) -> User:
    return await acme.add_user(roles=("admin",))


@pytest.fixture
async def ada(acme: Platform, admin: User) -> AsyncIterator[httpx.AsyncClient]:
    async with await signed_in(acme, admin) as browser:
        yield browser


@pytest.fixture
async def crew(acme: Platform, admin: User) -> list[User]:
    return [
        await acme.add_user("ana@acme.example", name="Ana", roles=("liveAgentAgent",)),
        await acme.add_user("ben@acme.example", name="Ben", roles=("odata",)),
    ]


async def plan(
    browser: httpx.AsyncClient, deed: str, role: str, people: list[User]
) -> httpx.Response:
    """Tick the people in the list, press the button, and be on the plan."""
    page = await browser.get("/admin/users")
    marks = {f"user.{user.id}": "1" for user in people}
    answer = await submit(browser, page, LIST, deed=deed, role=role, **marks)
    assert answer.status_code == 303
    return await browser.get(answer.headers["location"])


async def carry_out(browser: httpx.AsyncClient, page: httpx.Response) -> httpx.Response:
    answer = await submit(browser, page, APPLY)
    assert answer.status_code == 303
    return await browser.get(answer.headers["location"])


async def roles_of(platform: Platform, user: User) -> tuple[str, ...]:
    return (await users.get(platform.database, user.id)).roles


async def test_the_plan_says_what_happens_and_does_nothing(
    acme: Platform, ada: httpx.AsyncClient, crew: list[User]
) -> None:
    page = await plan(ada, "give", "liveAgentAgent", crew)
    assert "1 person gets the role." in page.text
    assert "Becomes Agent in Live Agent." in page.text
    assert "has the role already" in page.text
    assert await roles_of(acme, crew[1]) == ("base_role", "odata")


async def test_a_role_is_given_and_taken_for_many(
    acme: Platform, ada: httpx.AsyncClient, crew: list[User]
) -> None:
    report = await carry_out(ada, await plan(ada, "give", "liveAgentSupervisor", crew))
    assert "2 people changed." in report.text
    for user in crew:
        assert "liveAgentSupervisor" in await roles_of(acme, user)
    page = await plan(ada, "take", "liveAgentSupervisor", crew)
    assert "Stays Agent there." in page.text
    assert "No way in remains." in page.text
    await carry_out(ada, page)
    assert await roles_of(acme, crew[0]) == ("base_role", "liveAgentAgent")


async def test_the_last_administrator_is_named_and_the_others_are_done(
    acme: Platform, ada: httpx.AsyncClient, admin: User
) -> None:
    other = await acme.add_user("boss@acme.example", name="Boss", roles=("admin",))
    report = await carry_out(ada, await plan(ada, "take", "admin", [admin, other]))
    assert "admin" in await roles_of(acme, admin)
    assert "admin" not in await roles_of(acme, other)
    assert "1 person changed." in report.text
    assert "This is the last administrator." in report.text
    assert "1 person was left as before." in report.text


async def test_a_user_manager_does_not_change_administrators(
    acme: Platform, admin: User, crew: list[User]
) -> None:
    max_ = await acme.add_user("max@acme.example", name="Max", roles=("userManager",))
    async with await signed_in(acme, max_) as browser:
        page = await plan(browser, "give", "odata", [admin, crew[0]])
        assert "not allowed" in page.text
        report = await carry_out(browser, page)
        assert "1 person changed." in report.text
        assert "Only an admin gives the role admin" in report.text
        report = await carry_out(browser, await plan(browser, "give", "admin", crew))
        assert "0 people changed." in report.text
    assert await roles_of(acme, admin) == ("admin", "base_role")
    assert await roles_of(acme, crew[1]) == ("base_role", "odata")


async def test_nobody_selected_says_so(ada: httpx.AsyncClient, crew: list[User]) -> None:
    page = await ada.get("/admin/users")
    answer = await submit(ada, page, LIST, deed="give", role="odata")
    assert answer.headers["location"] == "/admin/users?done=nobody"
    assert "Tick the people first." in (await ada.get(answer.headers["location"])).text


async def test_people_of_another_organisation_are_left_out(
    acme: Platform, ada: httpx.AsyncClient, crew: list[User]
) -> None:
    await acme.add_organisation(GLOBEX, "Globex")
    eve = await acme.add_user("eve@globex.example", organisation=GLOBEX, name="Zelda", roles=())
    page = await plan(ada, "give", "odata", [eve, crew[0]])
    assert "Zelda" not in page.text
    report = await carry_out(ada, page)
    assert "Zelda" not in report.text
    assert await roles_of(acme, eve) == ("base_role",)
    assert "odata" in await roles_of(acme, crew[0])


async def test_a_plan_of_somebody_else_cannot_be_opened(
    acme: Platform, ada: httpx.AsyncClient, crew: list[User]
) -> None:
    page = await plan(ada, "give", "admin", crew)
    other = await acme.add_user("boss@acme.example", name="Boss", roles=("admin",))
    async with await signed_in(acme, other) as browser:
        answers = [await browser.get(str(page.url))]
        for address in (LIST, f"{LIST}/report"):
            answers += [await browser.get(f"{address}?of={of}") for of in ("x", "%00", "")]
    assert {(a.status_code, a.headers["location"]) for a in answers} == {(303, "/admin/users")}


async def test_a_person_who_was_deleted_meanwhile_is_counted(
    acme: Platform, ada: httpx.AsyncClient, crew: list[User]
) -> None:
    page = await plan(ada, "give", "apiKeys", crew)
    async with acme.database.transaction() as tx:
        await users.delete(tx, crew[0].id, acme.now)
    report = await carry_out(ada, page)
    assert "1 person was deleted meanwhile." in html.unescape(report.text)
    assert "1 person changed." in report.text


async def test_a_whole_page_of_people_can_be_selected(
    acme: Platform, ada: httpx.AsyncClient
) -> None:
    people = [await acme.add_user(f"p{n}@acme.example", name=f"P {n}") for n in range(50)]
    report = await carry_out(ada, await plan(ada, "give", "odata", people))
    assert "50 people changed." in report.text
