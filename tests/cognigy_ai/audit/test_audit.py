"""The audit trail: who reads which events, in which order, and how long they are kept."""

import pytest

from cognigy_ai.audit import actions as audit
from cognigy_ai.audit.actions import Cursor, Event, EventFilter, EventPage
from cognigy_ai.sessions import actions as sessions
from cognigy_ai.users import actions as users
from kernel.audit import trail
from kernel.audit.actor import API_KEY, Actor
from kernel.audit.rules import end_of_day, parse_cursor, start_of_day
from kernel.audit.sealer import seal_batch
from support.platform import ACME, Platform

GLOBEX = "bbbbbbbbbbbbbbbbbbbbbbbb"


async def record(platform: Platform, event: str, at: int, **facts: object) -> None:
    async with platform.database.transaction() as tx:
        await audit.record(tx, event, at, **({"organisation_id": ACME} | facts))  # type: ignore[arg-type]


async def events(platform: Platform, wanted: EventFilter = audit.EVERYTHING) -> list[str]:
    page = await audit.TRAIL.list_events(platform.database, ACME, wanted)
    return [event.event for event in page.events]


async def test_the_newest_event_is_first(acme: Platform) -> None:
    await record(acme, "thing.second", acme.now + 2)
    await record(acme, "thing.first", acme.now + 1)
    assert await events(acme) == ["thing.second", "thing.first", "organisation.created"]


async def test_another_organisations_events_are_not_seen(acme: Platform) -> None:
    await acme.add_organisation(GLOBEX, "Globex")
    [there] = (await audit.TRAIL.list_events(acme.database, GLOBEX)).events
    assert there.owner == GLOBEX
    assert await audit.TRAIL.find_event(acme.database, ACME, there.id) is None
    assert await audit.TRAIL.find_event(acme.database, GLOBEX, there.id) == there
    assert await audit.TRAIL.find_event(acme.database, None, there.id) == there
    assert await audit.TRAIL.find_event(acme.database, ACME, "no such event") is None


async def test_an_operator_sees_the_events_of_all(acme: Platform) -> None:
    await acme.add_organisation(GLOBEX, "Globex")
    page = await audit.TRAIL.list_events(acme.database, None)
    assert {event.owner for event in page.events} == {ACME, GLOBEX}


async def test_an_event_of_a_person_belongs_to_their_organisation(acme: Platform) -> None:
    """Whoever records it may know only whom it is about."""
    ada = await acme.add_user()
    await record(acme, "login.done", acme.now, organisation_id=None, user_id=ada.id)
    with audit.acting(Actor(audit.USER, ada.id)):
        await record(acme, "session.ended", acme.now, organisation_id=None)
    assert {"login.done", "session.ended"} <= set(await events(acme))


async def test_a_login_is_seen_by_the_organisation(acme: Platform) -> None:
    ada = await acme.add_user()
    async with acme.database.transaction() as tx:
        await sessions.start(tx, ada.id, "pwd", 3600, "", acme.now)
    audit.set_actor(audit.NOBODY)
    assert "login.done" in await events(acme)


async def test_names_are_those_of_people_who_are_there(acme: Platform) -> None:
    ada = await acme.add_user()
    eve = await acme.add_user("eve@acme.example", name="Eve Adams")
    with audit.acting(Actor(audit.USER, eve.id)):
        await record(acme, "user.changed", acme.now + 1, user_id=ada.id)
    with audit.acting(Actor(API_KEY, "not-there")):
        await record(acme, "user.changed", acme.now + 2, user_id="c" * 24)
    gone, changed = (await audit.TRAIL.list_events(acme.database, ACME)).events[:2]
    assert (changed.user_name, changed.user_email) == ("Ada Lovelace", "ada@acme.example")
    assert (changed.actor_name, changed.actor_email) == ("Eve Adams", "eve@acme.example")
    assert (gone.user_name, gone.actor_name, gone.actor_id) == (None, None, "not-there")


async def test_no_name_stands_in_the_trail_itself(acme: Platform) -> None:
    ada = await acme.add_user()
    async with acme.database.transaction() as tx:
        await users.change(tx, ada.id, name="Ada King", locale="de", now=acme.now)
    for event in (await audit.TRAIL.list_events(acme.database, ACME)).events:
        assert "Ada" not in str(event.details)
        assert "@" not in str(event.details)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (EventFilter(group="role"), ["role.given"]),
        (EventFilter(group="rol"), []),
        (EventFilter(group="user"), ["user.disabled", "user.created"]),
        (EventFilter(event="user.created"), ["user.created"]),
        (EventFilter(user_id="d" * 24), ["role.given"]),
        (EventFilter(actor_id="e" * 24), ["user.disabled"]),
        (EventFilter(since=2000), ["user.disabled", "role.given"]),
        (EventFilter(since=2000, until=3000), ["role.given"]),
        (EventFilter(group="user", until=3000), ["user.created"]),
        (EventFilter(group="user", actor_id="f" * 24), []),
    ],
)
async def test_a_filter_finds_what_it_says(
    platform: Platform, wanted: EventFilter, found: list[str]
) -> None:
    await record(platform, "user.created", 1000)
    await record(platform, "role.given", 2000, user_id="d" * 24)
    with audit.acting(Actor(audit.USER, "e" * 24)):
        await record(platform, "user.disabled", 3000)
    assert await events(platform, wanted) == found


async def walk_through(platform: Platform, size: int) -> list[EventPage]:
    pages = [await audit.TRAIL.list_events(platform.database, ACME, limit=size)]
    while pages[-1].older is not None:
        cursor = pages[-1].older
        pages.append(
            await audit.TRAIL.list_events(platform.database, ACME, older_than=cursor, limit=size)
        )
    return pages


async def test_pages_hold_each_event_once_also_those_of_one_second(platform: Platform) -> None:
    for number in range(10):
        await record(platform, f"thing.n{number}", 1000 + number // 5)
    pages = await walk_through(platform, 3)
    assert [len(page.events) for page in pages] == [3, 3, 3, 1]
    seen = [event.event for page in pages for event in page.events]
    assert sorted(seen) == sorted({f"thing.n{number}" for number in range(10)})
    assert pages[0].newer is None


async def test_a_page_back_is_the_page_before(platform: Platform) -> None:
    for number in range(7):
        await record(platform, f"thing.n{number}", 1000 + number)
    pages = await walk_through(platform, 3)
    back = pages[2].newer
    assert back is not None
    second = await audit.TRAIL.list_events(platform.database, ACME, newer_than=back, limit=3)
    assert second == pages[1]
    assert second.newer is not None
    first = await audit.TRAIL.list_events(platform.database, ACME, newer_than=second.newer, limit=3)
    assert first.events == pages[0].events
    assert first.newer is None


async def test_a_new_event_does_not_move_the_next_page(platform: Platform) -> None:
    for number in range(4):
        await record(platform, f"thing.n{number}", 1000 + number)
    first = await audit.TRAIL.list_events(platform.database, ACME, limit=2)
    await record(platform, "thing.late", 2000)
    second = await audit.TRAIL.list_events(platform.database, ACME, older_than=first.older, limit=2)
    assert [event.event for event in second.events] == ["thing.n1", "thing.n0"]


async def test_an_export_walks_over_everything(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trail, "WALKED_AT_ONCE", 3)
    for number in range(7):
        await record(platform, f"thing.n{number}", 1000 + number)

    async def walked(most: int | None) -> list[Event]:
        return [event async for event in audit.TRAIL.walk(platform.database, ACME, most=most)]

    assert [event.event for event in await walked(None)] == [
        f"thing.n{n}" for n in range(6, -1, -1)
    ]
    assert len(await walked(6)) == 6
    assert len(await walked(4)) == 4
    assert len(await walked(100)) == 7


async def test_old_events_are_removed_and_newer_ones_stay(platform: Platform) -> None:
    now = 10_000_000
    await record(platform, "thing.old", now - 601)
    await seal_batch(platform.database, audit.TRAIL.seals, now)
    await record(platform, "thing.young", now - 599)
    await seal_batch(platform.database, audit.TRAIL.seals, now)
    assert await audit.TRAIL.prune(platform.database, now, 10) == 1
    assert await events(platform) == ["thing.young"]


async def test_with_no_limit_events_are_kept_for_ever(platform: Platform) -> None:
    await record(platform, "thing.old", 1)
    await seal_batch(platform.database, audit.TRAIL.seals, 2)
    assert await audit.TRAIL.prune(platform.database, 10_000_000, 0) == 0
    assert await events(platform) == ["thing.old"]


@pytest.mark.parametrize(
    "text",
    ["", "1", "1.", ".a", "1.zz", "-1." + "a" * 32, "1." + "a" * 31, "9" * 13 + "." + "a" * 32],
)
def test_a_cursor_that_nobody_made_is_none(text: str) -> None:
    assert parse_cursor(text) is None


def test_a_cursor_survives_an_address() -> None:
    cursor = Cursor(1_700_000_000, "a" * 32)
    assert parse_cursor(str(cursor)) == cursor


def test_days_are_those_of_utc() -> None:
    assert start_of_day("1970-01-02") == 86_400
    assert end_of_day("1970-01-01") == 86_400
    for nonsense in ("", "yesterday", "2026-13-01", "0001-01-01", "9999-12-31", "20261122x"):
        assert start_of_day(nonsense) is None
        assert end_of_day(nonsense) is None
