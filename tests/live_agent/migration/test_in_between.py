"""What changes between reading and writing: the writing statement asks again."""

from typing import Any

import pytest

from kernel.problems import ProblemError
from live_agent.agents import actions as agents
from live_agent.migration import actions as migration
from live_agent.problems import Problem
from support.office import ISSUER, OLD_PASSWORD, Office, give_cookie, press

UNVERIFIED = {"email_verified": False}
LINK = "/login/link"


@pytest.mark.parametrize("quicker", ["linked", "disabled"])
async def test_an_old_user_who_was_taken_in_between_is_decided_again(
    office: Office, monkeypatch: pytest.MonkeyPatch, quicker: str
):
    """Lesson 8: the link is written to an unlinked, enabled user or not at all."""
    old = await office.add_old_user()
    stale = await agents.list_by_email(office.database, office.account.id, "ada@acme.example")
    real, calls = agents.find_for_login, []

    async def late_once(*arguments: Any) -> Any:
        calls.append(arguments)
        return (office.account, None, stale) if len(calls) == 1 else await real(*arguments)

    monkeypatch.setattr(agents, "find_for_login", late_once)
    taken = {
        "linked": {"subject": "quicker", "issuer": ISSUER},
        "disabled": {"disabled_at": office.now},
    }
    await office.set_user(old, **taken[quicker])
    problem = await office.refusal()
    assert problem in (Problem.IDENTITY_CONFLICT, Problem.USER_DISABLED)
    assert len(calls) == 2
    assert (await office.user(old))["subject"] != "ada-1"
    assert await office.events("user.moved") == []


@pytest.mark.parametrize(
    "changed",
    [
        {"subject": "ada-1", "issuer": ISSUER},
        {"disabled_at": 1},
        {"confirmed_at": None},
        {"password_digest": "another"},
    ],
    ids=["moved", "disabled", "unconfirmed", "password"],
)
async def test_what_changed_while_a_password_was_checked_counts(
    office: Office, monkeypatch: pytest.MonkeyPatch, changed: dict[str, object]
):
    """Lesson 75: the answer is the one for a wrong password, and nobody is signed in."""
    old = await office.add_old_user()
    real = agents.list_credentials

    async def read_and_change(*arguments: Any) -> Any:
        found = await real(*arguments)
        await office.set_user(old, **changed)
        return found

    monkeypatch.setattr(agents, "list_credentials", read_and_change)
    answer = await office.old_login(office.browser())
    assert answer.status_code == 403
    assert "If you have already signed in with Cognigy.AI" in answer.text
    assert await office.rows("sessions") == []


async def test_a_suspension_while_a_password_was_checked_counts(
    office: Office, monkeypatch: pytest.MonkeyPatch
):
    """Lesson 25: the rule holds for the login that was under way."""
    await office.add_old_user()
    real = agents.list_credentials

    async def read_and_suspend(*arguments: Any) -> Any:
        found = await real(*arguments)
        await office.suspend()
        return found

    monkeypatch.setattr(agents, "list_credentials", read_and_suspend)
    assert (await office.old_login(office.browser())).status_code == 403
    assert await office.rows("sessions") == []


async def test_a_link_that_was_replaced_spends_nothing(office: Office):
    """Lesson 19: the statement that spends a link names the newest one itself."""
    old = await office.add_old_user()
    browser = await office.pending_browser(**UNVERIFIED)
    waiting = await migration.find_pending(
        office.state, browser.cookies["la_3000_pending"], office.now
    )
    assert waiting is not None
    with pytest.raises(ProblemError) as refused:
        await migration.complete_by_mail(
            office.state, waiting, "ll_another", user_agent="", now=office.now
        )
    assert refused.value.problem is Problem.LINK_CONFIRMATION
    assert (await office.user(old))["subject"] is None


async def test_a_cancelled_proof_stays_cancelled(office: Office):
    """Lesson 19: one-time, also for a browser that kept its cookie."""
    old = await office.add_old_user()
    browser = await office.pending_browser(**UNVERIFIED)
    cookie = browser.cookies["la_3000_pending"]
    page = await browser.get(LINK)
    assert (await press(browser, page, "cancel")).status_code == 303
    give_cookie(browser, "pending", cookie)
    answer = await press(browser, page, "password", password=OLD_PASSWORD)
    assert "la_3000_session" not in str(answer.headers.get_list("set-cookie"))
    assert (await office.user(old))["subject"] is None
