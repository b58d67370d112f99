"""Accounts are proposed to the organisation: each person once, whatever breaks in between."""

from collections.abc import AsyncIterator, Iterator

import pytest
from starlette.responses import JSONResponse

from kernel.db import Database
from live_agent.accounts import actions as accounts
from live_agent.moves import runs
from live_agent.moves.mover import ASK_AGAIN_SECONDS, LEASE_SECONDS, TRY_AGAIN_SECONDS
from live_agent.moves.runs import Asker
from live_agent.moves.runs_rules import Kind, RunState
from live_agent.moves.store import runs as store
from support.clock import FrozenClock
from support.moves_town import Town
from support.oauth_desk import environment_of
from support.office import ACME, new_office
from support.provider import ORGANISATION, Provider, running_provider

PROPOSALS = "/v2.0/live-agent/proposals"
PEOPLE = 120  # more than one proposal holds


@pytest.fixture(scope="module")
def _provider() -> Iterator[Provider]:
    with running_provider() as provider:
        yield provider


@pytest.fixture
async def town(
    database: Database, clock: FrozenClock, _provider: Provider
) -> AsyncIterator[tuple[Town, Provider]]:
    _provider.start_over(clock)
    office = new_office(database, clock, environment_of(_provider))
    office.account = await office.add_account(organisation=ORGANISATION)
    town = Town(office)
    for number in range(PEOPLE):
        roles = "administrator" if number == 0 else "agent supervisor"
        town.add_user(f"p{number:03}", roles=roles)
    town.add_user("known")
    town.add_person("known")
    await town.keep()
    yield town, _provider
    await office.state.readings.close()
    await office.state.provider.close()


async def begin(town: Town) -> str:
    office = town.office
    ids = [row["id"] for row in await office.users()]
    async with office.database.transaction() as tx:
        asker = Asker("us_boss", "Ada Boss")
        return await runs.begin(
            tx, town.account_id, Kind.PROPOSE, sorted(ids), office.now, by=asker
        )


async def work(town: Town) -> None:
    for _ in range(8):
        if not await town.mover().work():
            return


def proposed(provider: Provider) -> list[str]:
    return [one["email"] for sent in provider.proposals.values() for one in sent["people"]]


async def state_of(town: Town, run_id: str) -> RunState:
    found = await store.find(town.office.database, town.account_id, run_id)
    assert found is not None
    return found.state


async def test_everybody_without_an_account_is_proposed_once(town: tuple[Town, Provider]):
    place, provider = town
    run_id = await begin(place)
    await work(place)
    assert len(provider.proposals) == 2
    assert len(proposed(provider)) == len(set(proposed(provider))) == PEOPLE
    assert "known@acme.example" not in proposed(provider)
    sent = provider.proposals[f"{run_id}-0"]
    assert sent["proposedBy"] == "Ada Boss"
    roles = {one["email"]: one["roles"] for one in sent["people"]}
    assert roles["p001@acme.example"] == ["liveAgentAgent", "liveAgentSupervisor"]
    assert ["liveAgentAdmin"] in [
        one["roles"] for each in provider.proposals.values() for one in each["people"]
    ]
    assert await state_of(place, run_id) is RunState.ASKED


async def test_the_run_is_done_when_the_organisation_has_decided(town: tuple[Town, Provider]):
    place, provider = town
    run_id = await begin(place)
    await work(place)
    place.office.clock.advance(ASK_AGAIN_SECONDS)
    await work(place)
    assert await state_of(place, run_id) is RunState.ASKED, "nobody has decided yet"
    provider.proposals[f"{run_id}-0"]["state"] = "done"
    del provider.proposals[f"{run_id}-1"]  # discarded
    place.office.clock.advance(ASK_AGAIN_SECONDS)
    await work(place)
    assert await state_of(place, run_id) is RunState.DONE


async def test_what_was_sent_before_a_crash_is_not_proposed_twice(town: tuple[Town, Provider]):
    """The process dies between the platform's answer and the mark: the batch goes out again."""
    place, provider = town
    run_id = await begin(place)

    def dies() -> JSONResponse:
        sent = provider.calls[-1]
        provider.proposals.setdefault(f"{run_id}-0", {"people": [], "state": "checked"})
        assert sent.path == PROPOSALS
        return JSONResponse({"error": "the connection breaks"}, 502)

    provider.answers[PROPOSALS] = dies
    await work(place)
    assert await state_of(place, run_id) is RunState.RUNNING
    del provider.answers[PROPOSALS]
    place.office.clock.advance(max(TRY_AGAIN_SECONDS, LEASE_SECONDS))
    await work(place)
    assert set(provider.proposals) == {f"{run_id}-0", f"{run_id}-1"}, "the same ids, taken once"
    assert await state_of(place, run_id) is RunState.ASKED


async def test_an_account_without_an_organisation_proposes_nobody(town: tuple[Town, Provider]):
    place, provider = town
    assert ORGANISATION != ACME
    async with place.office.database.transaction() as tx:
        lonely = await accounts.create(tx, "Lonely", None, place.office.now)
        run_id = await runs.begin(
            tx, lonely.id, Kind.PROPOSE, ["us_x"], place.office.now, by=runs.OPERATOR
        )
    await work(place)
    found = await store.find(place.office.database, lonely.id, run_id)
    assert found is not None
    assert found.state is RunState.DONE
    assert provider.proposals == {}
