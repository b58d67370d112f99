"""How long it took from a change at the platform until the last session and page were out."""

import asyncio

import httpx
import pytest
from sqlalchemy import select

from kernel.metrics import Metrics
from live_agent.db import tables
from live_agent.sessions.ends import PAGES, SESSIONS
from support.event_tokens import RISC, tell
from support.oauth_desk import Desk, log_in

DISABLED = RISC + "account-disabled"


@pytest.fixture
def metrics(desk: Desk) -> Metrics:
    found = Metrics(on=True)
    object.__setattr__(desk.app.state.all, "metrics", found)
    desk.app.state.streams._metrics = found
    return found


def sum_of(metrics: Metrics, until: str) -> str:
    line = f'access_end_seconds_sum{{until="{until}"}} '
    return next(
        (one.removeprefix(line) for one in metrics.text().splitlines() if one.startswith(line)), ""
    )


async def test_the_slowest_is_on_the_page_and_in_the_metric(
    desk: Desk, browser: httpx.AsyncClient, metrics: Metrics
):
    await log_in(desk, browser)
    listening = asyncio.create_task(browser.get(f"/app/accounts/{desk.account_id}/stream"))
    await asyncio.sleep(0.05)
    changed_ms = desk.clock.milliseconds()
    desk.clock.advance(0.25)
    await tell(desk, DISABLED, access_revision=2, event_timestamp_ms=changed_ms)
    desk.clock.advance(0.5)  # a replica with an open page looks a little later
    await desk.app.state.streams.look()
    await asyncio.wait_for(listening, 5)
    assert (sum_of(metrics, SESSIONS), sum_of(metrics, PAGES)) == ("0.25", "0.75")
    row = await desk.database.one(select(tables.sessions))
    assert row is not None
    assert row["out_ms"] - row["changed_ms"] == 750

    boss = desk.browser()
    desk.provider.person |= {"sub": "boss", "email": "boss@acme.example", "sid": "sid-2"}
    desk.provider.person |= {"roles": ["liveAgentAdmin"]}
    await log_in(desk, boss)
    place = f"/app/accounts/{desk.account_id}/settings/sessions"
    assert "0.75 s" in (await boss.get(place)).text
    desk.clock.advance(24 * 3600 + 1)
    assert "in the last 24 hours" in (await boss.get(place)).text
    assert "0.75 s" not in (await boss.get(place)).text


@pytest.mark.parametrize(
    ("event", "milliseconds"),
    [
        ({"event_timestamp": 0.5}, 500),
        ({"event_timestamp": 0}, 1000),
        ({"event_timestamp_ms": 200}, 800),
        ({"event_timestamp_ms": "now", "event_timestamp": 0}, 1000),
        ({"event_timestamp_ms": True}, None),
        ({"event_timestamp_ms": 10**30}, None),
        ({"event_timestamp": -(10**12)}, None),
        ({"event_timestamp": 1e300}, None),
        ({"event_timestamp": "x"}, None),
        ({"event_timestamp_ms": 1400}, 0),  # the platform's clock is ahead
    ],
)
async def test_a_time_that_cannot_be_is_no_measurement(
    desk: Desk,
    browser: httpx.AsyncClient,
    metrics: Metrics,
    event: dict[str, object],
    milliseconds: int | None,
):
    await log_in(desk, browser)
    start = desk.clock.now()
    given: dict[str, object] = {"event_timestamp": "none"}
    for name, value in event.items():
        unit = 1000 if name.endswith("_ms") else 1
        plain = isinstance(value, int | float) and not isinstance(value, bool)
        given[name] = start * unit + value if plain and abs(value) < 10**6 else value  # type: ignore[operator, arg-type]
    desk.clock.advance(1)
    await tell(desk, DISABLED, access_revision=2, **given)
    row = await desk.database.one(select(tables.sessions))
    assert row is not None
    assert row["ended_because"] == "user_disabled"
    if milliseconds is None:
        assert (row["changed_ms"], row["out_ms"]) == (None, None)
    else:
        assert float(sum_of(metrics, SESSIONS)) == milliseconds / 1000
