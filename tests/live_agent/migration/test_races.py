"""First logins that come at once: exactly one link, never two users."""

import asyncio
from collections import Counter
from typing import Any

from kernel.doors import Door
from kernel.problems import ProblemError
from kernel.throttle import ACCOUNT
from live_agent.migration import actions as migration
from live_agent.migration.actions import Entered, LinkNeeded
from live_agent.problems import Problem
from live_agent.sessions.old_password import Proof
from support.office import OLD_PASSWORD, Office, press, submit
from support.visitor import forms_of


async def at_once(*work: Any) -> list[Any]:
    return await asyncio.gather(*work, return_exceptions=True)


async def test_eight_first_logins_of_one_old_user_link_once_and_all_get_in(office: Office):
    old = await office.add_old_user()
    outcomes = await at_once(*(office.arrive() for _ in range(8)))
    assert all(isinstance(one, Entered) for one in outcomes), outcomes
    assert {one.user_id for one in outcomes} == {old}
    assert [one.moved for one in outcomes].count(True) == 1
    assert len(await office.users()) == 1
    assert len(await office.events("user.moved")) == 1
    letters = await office.state.outbox.lease(office.database, office.now, limit=100)
    assert len(letters) == 1


async def test_two_identities_that_want_one_old_user_leave_one_refused(office: Office):
    old = await office.add_old_user()
    outcomes = await at_once(*(office.arrive(subject=f"s{number % 2}") for number in range(8)))
    kinds = Counter(type(one).__name__ for one in outcomes)
    assert kinds == {"Entered": 4, "ProblemError": 4}, outcomes
    assert {e.problem for e in outcomes if isinstance(e, ProblemError)} == {
        Problem.IDENTITY_CONFLICT
    }
    assert [row["id"] for row in await office.users()] == [old]


async def test_eight_first_logins_of_somebody_new_make_one_user(office: Office):
    outcomes = await at_once(*(office.arrive() for _ in range(8)))
    assert all(isinstance(one, Entered) for one in outcomes), outcomes
    assert len({one.user_id for one in outcomes}) == 1
    assert len(await office.users()) == 1


async def test_two_newcomers_with_one_address_end_with_one_user_and_a_refusal(office: Office):
    outcomes = await at_once(*(office.arrive(subject=f"s{number}") for number in range(8)))
    entered = [one for one in outcomes if isinstance(one, Entered)]
    refused = [one.problem for one in outcomes if isinstance(one, ProblemError)]
    assert len(entered) == 1, outcomes
    assert refused == [Problem.IDENTITY_CONFLICT] * 7
    assert len(await office.users()) == 1


async def test_a_move_that_meets_an_old_login_leaves_no_old_session(office: Office):
    """Whichever comes first: after the move nobody is signed in with the old password."""
    old = await office.add_old_user()
    browsers = [office.browser() for _ in range(4)]
    pages = await asyncio.gather(*(browser.get("/old-login") for browser in browsers))
    assert all(page.status_code == 200 for page in pages)
    outcomes = await at_once(
        *(office.old_login(browser) for browser in browsers[:2]),
        office.arrive(),
        *(office.old_login(browser) for browser in browsers[2:]),
    )
    assert isinstance(outcomes[2], Entered), outcomes
    answers = [one.status_code for one in outcomes if not isinstance(one, Entered)]
    assert set(answers) <= {303, 403}
    alive = [row for row in await office.rows("sessions") if row["ended_at"] is None]
    assert [row["method"] for row in alive] == ["cognigy"]
    assert (await office.user(old))["password_digest"] is None


async def test_a_proof_that_is_sent_eight_times_links_once(office: Office):
    old = await office.add_old_user()
    outcome = await office.arrive(email_verified=False)
    assert isinstance(outcome, LinkNeeded)
    waiting = await migration.find_pending(office.state, outcome.pending_secret, office.now)
    assert waiting is not None
    digest = (await office.user(old))["password_digest"]
    proof = Proof(digest, Door((("proof", ACCOUNT),), ("proof",)))
    outcomes = await at_once(
        *(
            migration.complete_by_password(
                office.state, waiting, proof, user_agent="a test", now=office.now
            )
            for _ in range(8)
        )
    )
    entered = [one for one in outcomes if isinstance(one, Entered)]
    assert len(entered) == 1, outcomes
    assert {one.problem for one in outcomes if isinstance(one, ProblemError)} == {
        Problem.LINK_CONFIRMATION
    }
    assert len(await office.events("user.moved")) == 1


async def test_a_mailed_link_that_meets_the_password_links_once(office: Office):
    old = await office.add_old_user()
    browser = await office.pending_browser(email_verified=False)
    page = await browser.get("/login/link")

    assert (await press(browser, page, "mail")).status_code == 303
    link = await office.mailed_link()
    confirm = await browser.get(link)

    form = next(one for one in forms_of(confirm.text) if one.action == link)
    answers = await at_once(
        *(submit(browser, form) for _ in range(4)),
        *(press(browser, page, "password", password=OLD_PASSWORD) for _ in range(4)),
    )
    assert {one.status_code for one in answers} <= {303, 400, 403}
    cookies = [str(one.headers.get_list("set-cookie")) for one in answers]
    begun = [one for one in cookies if "la_3000_session=" in one]
    assert len(begun) == 1, answers
    assert (await office.user(old))["subject"] == "ada-1"
    assert len(await office.events("user.moved")) == 1
