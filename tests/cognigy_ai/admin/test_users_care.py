"""Access Control and one's own account, addresses in use, mails by the dozen, a gone right."""

import asyncio

import httpx
import pytest

from cognigy_ai import letters
from cognigy_ai.problems import Problem
from cognigy_ai.second_factors import actions as second_factors
from cognigy_ai.sessions import actions as sessions
from cognigy_ai.users import actions as users
from cognigy_ai.users import mail_limits
from cognigy_ai.users.mail_limits import INVITATION, MAILS_OF_AN_ORGANISATION
from cognigy_ai.users.rules import User
from kernel.problems import ProblemError
from support.mailbox import last_letter, letters_of
from support.platform import ACME, Platform, submit
from support.two_step import switch_on
from support.visitor import forms_of


async def browser_of(acme: Platform, user: User) -> httpx.AsyncClient:
    async with acme.database.transaction() as tx:
        secret, _ = await sessions.start(tx, user.id, "pwd", 3600, "", acme.now)
    browser = acme.browser()
    browser.cookies.set("ai_8000_session", secret)
    return browser


async def test_ones_own_address_and_two_step_login_are_changed_in_the_profile_only(
    acme: Platform,
) -> None:
    boss = await acme.add_user("boss@acme.example", name="Boss", roles=("admin",))
    await switch_on(acme, boss)
    browser = await browser_of(acme, boss)
    at = f"/admin/users/{boss.id}"
    page = await browser.get(at)
    actions = {form.action for form in forms_of(page.text)}
    assert not actions & {f"{at}/email", f"{at}/reset-two-step"}
    for deed in ("email", "reset-two-step"):  # with the fields of a form that is there
        token = next(form for form in forms_of(page.text) if form.action == at).fields
        answer = await browser.post(
            f"{at}/{deed}",
            data=token | {"email": "evil@evil.example"},
            headers={"origin": "http://localhost:8000", "sec-fetch-site": "same-origin"},
        )
        assert answer.status_code == 409
        assert "profile page" in answer.text
    assert await second_factors.find(acme.database, boss.id) is not None
    assert (await users.get(acme.database, boss.id)).email == "boss@acme.example"


async def test_whoever_has_a_password_is_told_of_a_new_address_and_it_is_proved_first(
    acme: Platform,
) -> None:
    manager = await acme.add_user("um@acme.example", name="Uma", roles=("userManager",))
    vera = await acme.add_user("v@acme.example", name="Vera", email_verified=False)
    browser = await browser_of(acme, manager)
    at = f"/admin/users/{vera.id}"
    page = await browser.get(at)
    assert "the present one is told" in page.text
    answer = await submit(browser, page, f"{at}/email", email="evil@evil.example")
    assert answer.headers["location"] == f"{at}?done=address_asked"
    assert (await users.get(acme.database, vera.id)).email == "v@acme.example"
    assert (await last_letter(acme, letters.EMAIL_CHANGED))["to"] == "v@acme.example"


async def test_three_invitations_an_hour_go_to_one_address(acme: Platform) -> None:
    manager = await acme.add_user("um@acme.example", name="Uma", roles=("userManager",))
    new = await acme.add_user("new@acme.example", password=None, email_verified=False)
    browser = await browser_of(acme, manager)
    at = f"/admin/users/{new.id}"
    page = await browser.get(at)
    for _ in range(3):
        assert (await submit(browser, page, f"{at}/mail")).status_code == 303
    refused = await submit(browser, page, f"{at}/mail")
    assert refused.status_code == 429
    assert "Three mails went to this address" in refused.text
    assert len([kind for kind, _ in await letters_of(acme) if kind == letters.INVITATION]) == 3
    acme.clock.advance(3600)
    browser = await browser_of(acme, manager)
    page = await browser.get(at)
    assert (await submit(browser, page, f"{at}/mail")).status_code == 303


async def test_an_organisation_mails_so_many_an_hour(acme: Platform) -> None:
    limits: mail_limits.MailLimits = acme.app.state.all.mail_limits
    most = MAILS_OF_AN_ORGANISATION.free_failures
    async with acme.database.transaction() as tx:
        for number in range(most):
            await limits.count(tx, INVITATION, ACME, f"p{number}@acme.example", acme.now)
    with pytest.raises(ProblemError) as refused:
        async with acme.database.transaction() as tx:
            await limits.count(tx, INVITATION, ACME, "one-more@acme.example", acme.now)
    assert refused.value.problem is Problem.ORGANISATION_MAILED_ENOUGH
    async with acme.database.transaction() as tx:
        await limits.count(tx, INVITATION, "b" * 24, "one-more@acme.example", acme.now)


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
async def test_a_selection_changes_nobody_after_the_right_is_gone(acme: Platform) -> None:
    await acme.add_user("boss@acme.example", name="Boss", roles=("admin",))
    rogue = await acme.add_user("rogue@acme.example", name="Rogue", roles=("admin",))
    people = [await acme.add_user(f"p{i}@acme.example", name=f"P{i}") for i in range(3)]
    browser = await browser_of(acme, rogue)
    page = await browser.get("/admin/users")
    chosen = {f"user.{user.id}": "1" for user in people}
    plan = await submit(
        browser, page, "/admin/users/selection", deed="give", role="admin", **chosen
    )
    page = await browser.get(plan.headers["location"])
    async with acme.database.transaction() as tx:
        await users.remove_role(tx, rogue.id, "admin", acme.now)
        applying = asyncio.create_task(submit(browser, page, "/admin/users/selection/apply"))
        done, _ = await asyncio.wait({applying}, timeout=0.5)
        assert not done  # the guard has let it pass
    await applying
    for user in people:
        assert "admin" not in (await users.get(acme.database, user.id)).roles
