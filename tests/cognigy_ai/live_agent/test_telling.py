"""A suspension reaches Live Agent: by letter, in the end, and never in the wrong order."""

import asyncio
from contextlib import suppress

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from cognigy_ai import letters
from cognigy_ai.db.tables import audit_events, outbox
from cognigy_ai.live_agent import actions as live_agent_actions
from cognigy_ai.live_agent.actions import LiveAgent
from cognigy_ai.organisations import actions as organisations
from support.platform import ACME, OUTBOX, Platform
from support.small_live_agent import Request, SmallLiveAgent

WAITING = select(outbox.c.kind, outbox.c.attempts).where(outbox.c.delivered_at.is_(None))


@pytest.fixture
async def at_work(acme: Platform, live_agent: SmallLiveAgent) -> Platform:
    """Acme has its account."""
    means: LiveAgent = acme.app.state.live_agent
    await live_agent_actions.set_up(means, ACME, "ABCDEFGHIJKL")
    live_agent.requests.clear()
    return acme


async def suspend(platform: Platform) -> None:
    async with platform.database.transaction() as tx:
        assert await organisations.suspend(tx, OUTBOX, ACME, platform.now)


async def resume(platform: Platform) -> None:
    async with platform.database.transaction() as tx:
        assert await organisations.resume(tx, OUTBOX, ACME, platform.now)


async def deliver(platform: Platform) -> int:
    return int(await platform.app.state.courier.deliver_due())


async def waiting(platform: Platform) -> list[tuple[str, int]]:
    return [(row["kind"], row["attempts"]) for row in await platform.database.all(WAITING)]


def state_in(live_agent: SmallLiveAgent) -> str:
    return str(live_agent.accounts[7]["status"])


async def test_a_suspension_and_its_end_reach_live_agent(
    at_work: Platform, live_agent: SmallLiveAgent
) -> None:
    await suspend(at_work)
    assert live_agent.requests == []
    assert await deliver(at_work) == 1
    assert state_in(live_agent) == "suspended"
    assert live_agent.requests[0].body == {"status": "suspended", "organisation_id": ACME}
    assert live_agent.requests[0].path == "/platform/api/v1/accounts/7"
    assert len(live_agent.requests[0].headers["x-reference"]) == 12
    await resume(at_work)
    await deliver(at_work)
    assert state_in(live_agent) == "active"
    assert await waiting(at_work) == []


async def test_of_an_organisation_without_live_agent_nothing_is_told(
    acme: Platform, live_agent: SmallLiveAgent
) -> None:
    await suspend(acme)
    await resume(acme)
    await deliver(acme)
    assert await waiting(acme) == []
    assert {request.method for request in live_agent.requests} == {"GET"}, "it was asked for"


async def test_an_account_that_the_operator_of_live_agent_mapped_is_found_and_told(
    acme: Platform, live_agent: SmallLiveAgent
) -> None:
    """No number stands here: a suspension that reached nobody would leave its people in."""
    live_agent.add(ACME)
    await suspend(acme)
    live_agent.answers = ("503 Busy", {"code": "server_busy"})
    await deliver(acme)
    assert await waiting(acme) == [(letters.LIVE_AGENT_ACCOUNT, 1)]
    live_agent.answers = None
    acme.clock.advance(10)
    await deliver(acme)
    assert (await waiting(acme), state_in(live_agent)) == ([], "suspended")


async def test_nothing_is_told_of_a_suspension_that_was_undone_with_its_transaction(
    at_work: Platform,
) -> None:
    with suppress(RuntimeError):
        async with at_work.database.transaction() as tx:
            await organisations.suspend(tx, OUTBOX, ACME, at_work.now)
            raise RuntimeError
    assert await waiting(at_work) == []


async def test_it_is_told_until_live_agent_acknowledges(
    at_work: Platform, live_agent: SmallLiveAgent
) -> None:
    await suspend(at_work)
    live_agent.answers = ("503 Busy", {"code": "server_busy"})
    await deliver(at_work)
    assert await waiting(at_work) == [(letters.LIVE_AGENT_ACCOUNT, 1)]
    live_agent.answers, live_agent.loses_answers = None, 1
    at_work.clock.advance(10)
    await deliver(at_work)
    assert await waiting(at_work) == [(letters.LIVE_AGENT_ACCOUNT, 2)]
    at_work.clock.advance(10)
    await deliver(at_work)
    assert (await waiting(at_work), state_in(live_agent)) == ([], "suspended")


async def test_a_letter_tells_what_is_true_when_it_is_delivered(
    at_work: Platform, live_agent: SmallLiveAgent
) -> None:
    await suspend(at_work)
    await resume(at_work)
    assert await deliver(at_work) == 2
    assert {request.body["status"] for request in live_agent.requests} == {"active"}


async def test_a_change_while_live_agent_is_told_is_told_too(
    at_work: Platform, live_agent: SmallLiveAgent
) -> None:
    """The letter of the end may be delivered before the answer to the first one comes."""

    async def meanwhile(request: Request) -> None:
        if request.body["status"] == "suspended":
            await resume(at_work)

    live_agent.before_answer = meanwhile
    await suspend(at_work)
    await deliver(at_work)
    assert [request.body["status"] for request in live_agent.requests] == ["suspended", "active"]
    assert state_in(live_agent) == "active"


async def test_what_never_rests_is_told_again_later(
    at_work: Platform, live_agent: SmallLiveAgent
) -> None:
    async def meanwhile(request: Request) -> None:
        await (resume if request.body["status"] == "suspended" else suspend)(at_work)

    live_agent.before_answer = meanwhile
    await suspend(at_work)
    await deliver(at_work)
    assert len(live_agent.requests) == 3
    live_agent.before_answer = None
    at_work.clock.advance(10)
    while await deliver(at_work):
        pass
    assert state_in(live_agent) == "active"
    assert await waiting(at_work) == []


@pytest.mark.parametrize("gone", [True, False])
async def test_an_account_that_is_gone_or_anothers_ends_it_with_an_error(
    at_work: Platform,
    live_agent: SmallLiveAgent,
    gone: bool,  # noqa: FBT001 - a parameter
) -> None:
    if gone:
        del live_agent.accounts[7]
    else:
        live_agent.accounts[7]["organisation_id"] = "b" * 24
    because = "account_unknown" if gone else "organisation_differs"
    await suspend(at_work)
    with capture_logs() as events:
        await deliver(at_work)
    (event,) = [event for event in events if event["event"] == "live_agent.state_not_taken"]
    assert (event["log_level"], event["because"], event["account"]) == ("error", because, 7)
    assert await waiting(at_work) == []
    told = select(audit_events).where(audit_events.c.event == "organisation.live_agent_not_told")
    (row,) = await at_work.database.all(told)
    assert row["reference"] == event["reference"]
    assert live_agent.accounts.get(7, {}).get("status") != "suspended"


async def test_a_suspension_between_the_answer_and_its_storing_is_told(
    acme: Platform, live_agent: SmallLiveAgent
) -> None:
    async def meanwhile(request: Request) -> None:
        if request.method == "POST":
            await suspend(acme)

    live_agent.before_answer = meanwhile
    means: LiveAgent = acme.app.state.live_agent
    assert await live_agent_actions.set_up(means, ACME, "ABCDEFGHIJKL") == 7
    assert state_in(live_agent) == "active"
    await deliver(acme)
    assert state_in(live_agent) == "suspended"


async def test_a_number_adopted_for_a_suspended_organisation_is_suspended(
    acme: Platform, live_agent: SmallLiveAgent
) -> None:
    await suspend(acme)
    live_agent.add(ACME)
    means: LiveAgent = acme.app.state.live_agent
    await live_agent_actions.adopt(means, ACME, 7, "ABCDEFGHIJKL")
    await deliver(acme)
    assert state_in(live_agent) == "suspended"


async def test_two_couriers_leave_live_agent_with_the_truth(
    at_work: Platform, live_agent: SmallLiveAgent
) -> None:
    """The slower one read "suspended" first, and its call arrives last."""
    slow = asyncio.Event()

    async def meanwhile(request: Request) -> None:
        if request.body["status"] == "suspended" and not slow.is_set():
            slow.set()
            await resume(at_work)
            await deliver(at_work)
            live_agent.accounts[7]["status"] = "suspended"  # it was on its way all the time

    live_agent.before_answer = meanwhile
    await suspend(at_work)
    await deliver(at_work)
    assert state_in(live_agent) == "active"
