"""Where logins are lost, by step, reason and organisation (idea 19)."""

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.responses import JSONResponse

from kernel.db import Database
from kernel.metrics import Metrics
from support.clock import FrozenClock
from support.oauth_desk import Desk, environment_of, log_in, running_desk
from support.provider import ORGANISATION, Provider

STEPS = "live_agent_login_steps_total"


@pytest.fixture
async def desk(database: Database, clock: FrozenClock, provider: Provider) -> AsyncIterator[Desk]:
    environment = environment_of(provider)
    async with running_desk(database, clock, provider, environment, Metrics(on=True)) as desk:
        yield desk


def steps(desk: Desk) -> dict[tuple[str, ...], int]:
    """Step, outcome, reason, fault, organisation of each series."""
    found = {}
    for family in desk.app.state.metrics.registry().collect():
        for sample in family.samples:
            if sample.name == STEPS:
                found[tuple(sample.labels.values())] = int(sample.value)
    return found


async def test_a_login_passes_every_step_once(desk: Desk, browser: httpx.AsyncClient):
    await log_in(desk, browser)
    early = [
        (step, "ok", "", "", "") for step in ("start", "redirect", "callback", "token", "user")
    ]
    late = [(step, "ok", "", "", ORGANISATION) for step in ("organisation", "role", "session")]
    assert steps(desk) == dict.fromkeys(early + late, 1)
    assert "live_agent_login_seconds_count 1.0" in desk.app.state.metrics.text()


async def test_a_rejected_secret_is_lost_at_the_token_with_its_fault(
    desk: Desk, browser: httpx.AsyncClient
):
    desk.provider.answers["/token"] = lambda: JSONResponse({"error": "invalid_client"}, 401)
    await log_in(desk, browser)
    assert steps(desk)["token", "refused", "oauth_configuration", "secret_rejected", ""] == 1
    refusals = 'server_refusals_total{fault="secret_rejected",problem="oauth_configuration"} 1.0'
    assert refusals in desk.app.state.metrics.text()


async def test_an_organisation_that_nobody_mapped_gets_no_series_of_its_own(
    desk: Desk, browser: httpx.AsyncClient
):
    desk.provider.claims["organisation"] = "f" * 24
    await log_in(desk, browser)
    assert steps(desk)["organisation", "refused", "organisation_not_found", "", "unknown"] == 1
    assert "f" * 24 not in desk.app.state.metrics.text()


async def test_a_person_without_a_role_is_lost_there_by_organisation(
    desk: Desk, browser: httpx.AsyncClient
):
    desk.provider.claims["roles"] = []
    await log_in(desk, browser)
    assert steps(desk)["role", "refused", "user_not_authorised", "", ORGANISATION] == 1


async def test_the_back_button_is_no_refusal(desk: Desk, browser: httpx.AsyncClient):
    answer = await log_in(desk, browser)
    await browser.get(answer.request.url)
    assert steps(desk)["callback", "again", "", "", ""] == 1


async def test_requests_are_timed_by_the_path_of_their_route(
    desk: Desk, browser: httpx.AsyncClient
):
    await log_in(desk, browser)
    await browser.get(desk.dashboard)
    await browser.get("/nowhere/at/all")
    await browser.request("BREW", "/login")
    text = desk.app.state.metrics.text()
    path = "/app/accounts/{account_id}/dashboard"
    assert f'server_request_seconds_count{{method="GET",route="{path}",status="2xx"}} 1.0' in text
    assert 'server_request_seconds_count{method="GET",route="none",status="4xx"} 1.0' in text
    assert 'method="other"' in text
    assert "/nowhere" not in text
    assert "server_requests_under_way 0.0" in text
