"""What a load balancer is told."""

import pytest

from support.office import Office


async def test_without_a_valkey_there_is_nothing_to_say_of_it(office: Office):
    answer = await office.browser().get("/health/readiness")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "database": "ok"})


@pytest.mark.parametrize("environment", [{"REDIS_URL": "redis://127.0.0.1:1"}], ids=["away"])
async def test_a_valkey_that_is_away_is_said_and_hinders_nothing(office: Office):
    answer = await office.browser().get("/health/readiness")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "database": "ok", "valkey": "unavailable"}
    browser = await office.signed_in_browser()
    assert (await browser.get(office.dashboard)).status_code == 200
