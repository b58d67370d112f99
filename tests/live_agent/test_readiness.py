"""What a load balancer is told."""

import asyncio

import pytest
from sqlalchemy import text

from support.office import Office

OK = {"status": "ok", "database": "ok", "schema": "ok"}


async def test_without_a_valkey_there_is_nothing_to_say_of_it(office: Office):
    answer = await office.browser().get("/health/readiness")
    assert (answer.status_code, answer.json()) == (200, OK)


@pytest.mark.parametrize("environment", [{"REDIS_URL": "redis://127.0.0.1:1"}], ids=["away"])
async def test_a_valkey_that_is_away_is_said_and_hinders_nothing(office: Office):
    answer = await office.browser().get("/health/readiness")
    assert answer.status_code == 200
    assert answer.json() == OK | {"valkey": "unavailable"}
    browser = await office.signed_in_browser()
    assert (await browser.get(office.dashboard)).status_code == 200


async def test_a_server_that_is_about_to_end_is_not_ready_and_alive(office: Office):
    office.state.life.drain()
    answer = await office.browser().get("/health/readiness")
    assert (answer.status_code, answer.json()["server"]) == (503, "draining")
    assert (await office.browser().get("/health/liveness")).status_code == 200
    assert (await office.browser().get("/")).status_code < 400  # what comes is served


async def test_tables_of_an_older_version_are_not_ready_and_newer_ones_are_if_they_let_us(
    office: Office,
):
    """A rolling upgrade migrates while this version is still running."""
    readiness = "/health/readiness"
    for version, oldest, status, said in (
        ("9999", "0001", 200, "newer"),
        ("9999", "9998", 503, "too new"),
        ("0001", "", 503, "older"),
    ):
        await office.database.one(
            text(
                f"UPDATE alembic_version SET version_num = '{version}', oldest_program = '{oldest}'"
            )
        )
        answer = await office.browser().get(readiness)
        assert (answer.status_code, answer.json()["schema"]) == (status, said)
    await office.database.one(text("DROP TABLE alembic_version"))
    answer = await office.browser().get(readiness)
    assert (answer.status_code, answer.json()["schema"]) == (503, "missing")


async def test_live_connections_are_let_go_at_the_last_call(office: Office):
    waiting = asyncio.create_task(office.state.streams.ended_within("a session", 60))
    await asyncio.sleep(0)
    office.state.life.last_call()
    assert await waiting is False  # not ended: the browser opens the next one elsewhere
    assert await office.state.streams.ended_within("a session", 60) is False
