"""An import: the dry run says what will be, and then exactly that happens, once, in one's name."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select

from cognigy_ai.audit import actions as audit
from cognigy_ai.db.tables import import_rows, outbox
from cognigy_ai.db.tables import imports as imports_table
from cognigy_ai.imports import actions as imports
from cognigy_ai.imports.rules import RowPlace
from cognigy_ai.imports.store import lists
from cognigy_ai.imports.worker import Importer
from cognigy_ai.organisations import actions as organisations
from cognigy_ai.problems import Problem
from cognigy_ai.users import actions as users
from cognigy_ai.users.mail_limits import MAILS_OF_AN_ORGANISATION, MailLimits
from kernel.keyring import KeyRing
from kernel.mail_limits import HOUR
from kernel.problems import ProblemError
from support.mailbox import letters_of
from support.platform import ACME, Platform

GLOBEX = "bbbbbbbbbbbbbbbbbbbbbbbb"
HEAD = "email,name,roles,locale\n"
LIST = (
    HEAD
    + "ada@acme.example,Ada Lovelace,liveAgentAgent,de\n"
    + "old@acme.example,New Name,apiKeys,\n"
    + "same@acme.example,Same,,\n"
    + "nobody,Nobody,,\n"
)
FATES = [
    ("created", "+liveAgentAgent"),
    ("changed", "name +apiKeys"),
    ("unchanged", ""),
    ("refused", "email_invalid"),
]


@pytest.fixture
async def with_people(office: Any) -> Any:
    """Two of the list are there already."""
    await office.platform.add_user("old@acme.example", name="Old Name", roles=("odata",))
    await office.platform.add_user("same@acme.example", name="Same", roles=())
    return office


async def events(platform: Platform, group: str = "import") -> list[audit.Event]:
    wanted = audit.EventFilter(group=group)
    return list((await audit.TRAIL.list_events(platform.database, ACME, wanted)).events)


async def test_the_dry_run_tells_and_changes_nobody(with_people: Any) -> None:
    before = await with_people.people()
    import_id = await with_people.check(LIST)
    assert await with_people.fates(import_id) == FATES
    assert await with_people.people() == before
    assert (await with_people.person("old@acme.example")).name == "Old Name"
    found = await with_people.get(import_id)
    assert (found.state, found.total, found.done) == ("checked", 4, 0)
    counts = await imports.count(with_people.platform.database, found)
    assert dict(counts.fates) == {"created": 1, "changed": 1, "unchanged": 1, "refused": 1}
    assert dict(counts.reasons) == {"email_invalid": 1}
    assert counts.effective == 2


async def test_the_import_does_what_the_dry_run_said(with_people: Any) -> None:
    import_id = await with_people.run(LIST)
    assert await with_people.fates(import_id) == FATES
    ada = await with_people.person("ada@acme.example")
    assert (ada.name, ada.locale, ada.email_verified) == ("Ada Lovelace", "de", False)
    assert ada.roles == ("base_role", "liveAgentAgent")
    old = await with_people.person("old@acme.example")
    assert (old.name, old.locale) == ("New Name", "en")
    assert old.roles == ("apiKeys", "base_role", "odata")
    found = await with_people.get(import_id)
    assert (found.state, found.done) == ("done", 4)
    assert (found.under_way, found.over) == (False, True)


async def test_changed_roles_raise_the_revision(with_people: Any) -> None:
    before = await with_people.person("old@acme.example")
    await with_people.run(HEAD + "old@acme.example,,apiKeys,\n")
    after = await with_people.person("old@acme.example")
    assert after.access_revision > before.access_revision


async def test_what_happened_is_in_the_trail_in_the_name_of_the_uploader(with_people: Any) -> None:
    import_id = await with_people.run(LIST)
    trail = await events(with_people.platform)
    assert {event.event for event in trail} == {
        "import.checked",
        "import.started",
        "import.finished",
    }
    finished = next(event for event in trail if event.event == "import.finished")
    assert finished.details == {
        "import_id": import_id, "created": 1, "changed": 1, "unchanged": 1, "refused": 1,
    }  # fmt: skip
    boss = with_people.admin.id
    made = [e for e in await events(with_people.platform, "user") if e.event == "user.role_given"]
    assert {event.actor_id for event in (*made, finished)} == {boss}


async def test_names_and_addresses_are_sealed_and_then_gone(with_people: Any) -> None:
    import_id = await with_people.check(LIST)
    rows = await with_people.platform.database.all(select(import_rows))
    assert len(rows) == 4
    assert all("@" not in row["sealed_row"] + row["detail"] for row in rows)
    assert (await with_people.rows(import_id))[0].line.email == "ada@acme.example"
    await with_people.start(import_id)
    await with_people.importer.work()
    assert [
        row["sealed_row"] for row in await with_people.platform.database.all(select(import_rows))
    ] == [""] * 4
    done = await with_people.rows(import_id)
    assert [row.line for row in done] == [None] * 4
    assert [row.email for row in done][:2] == ["ada@acme.example", "old@acme.example"]


async def test_the_result_forgets_who_was_deleted(with_people: Any) -> None:
    import_id = await with_people.run(LIST)
    ada = await with_people.person("ada@acme.example")
    async with with_people.platform.database.transaction() as tx:
        await users.delete(tx, ada.id, with_people.platform.now)
    first = (await with_people.rows(import_id))[0]
    assert (first.email, first.user_id) == (None, None)


async def letters(platform: Platform) -> int:
    return len(await platform.database.all(select(outbox)))


async def test_invitations_are_mailed_to_whoever_is_new_and_only_if_asked(with_people: Any) -> None:
    before = await letters(with_people.platform)
    await with_people.run(HEAD + "one@acme.example,One,,\n")
    assert await letters(with_people.platform) == before
    await with_people.run(HEAD + "two@acme.example,Two,,\nold@acme.example,Other,,\n", invite=True)
    assert await letters(with_people.platform) == before + 1


# --- who may --------------------------------------------------------------------------------------


async def test_another_organisation_does_not_find_it(with_people: Any) -> None:
    await with_people.platform.add_organisation(GLOBEX, "Globex")
    there = await with_people.platform.add_user(
        "x@globex.example", organisation=GLOBEX, roles=("admin",)
    )
    import_id = await with_people.check(LIST)
    database, now = with_people.platform.database, with_people.platform.now
    with pytest.raises(ProblemError) as caught:
        await imports.get(database, GLOBEX, import_id)
    assert caught.value.problem is Problem.PAGE_NOT_FOUND
    for deed in (imports.stop, imports.discard):
        with pytest.raises(ProblemError):
            async with database.transaction() as tx:
                await deed(tx, there, import_id, now)
    with pytest.raises(ProblemError):
        await with_people.start(import_id, there)
    assert (await with_people.get(import_id)).state == "checked"


async def test_people_of_another_organisation_are_not_changed(office: Any) -> None:
    await office.platform.add_organisation(GLOBEX, "Globex")
    there = await office.platform.add_user("ada@acme.example", organisation=GLOBEX, name="There")
    import_id = await office.run(HEAD + "ada@acme.example,Here,odata,\n")
    assert (await office.fates(import_id))[0][0] == "created"
    assert await users.get(office.platform.database, there.id) == there


async def test_only_whoever_uploaded_it_starts_it(office: Any) -> None:
    """It runs with the rights of the uploader: nobody else may use those."""
    manager = await office.platform.add_user("manager@acme.example", roles=("userManager",))
    import_id = await office.check(HEAD + "ada@acme.example,Ada,admin,\n")
    with pytest.raises(ProblemError) as caught:
        await office.start(import_id, manager)
    assert caught.value.problem is Problem.IMPORT_NOT_STARTED
    assert not await office.importer.work()


async def test_a_user_manager_neither_gives_admin_nor_changes_an_admin(office: Any) -> None:
    manager = await office.platform.add_user("manager@acme.example", roles=("userManager",))
    text = (
        HEAD + "ada@acme.example,Ada,admin,\nboss@acme.example,Renamed,,\nbob@acme.example,Bob,,\n"
    )
    import_id = await office.check(text, manager)
    await office.start(import_id, manager)
    await office.importer.work()
    assert await office.fates(import_id) == [
        ("refused", "role_not_yours"),
        ("refused", "administrator"),
        ("created", ""),
    ]
    assert (await office.person("boss@acme.example")).name == "The Boss"


async def test_rights_are_those_of_the_moment_and_not_of_the_dry_run(office: Any) -> None:
    await office.platform.add_user("second@acme.example", roles=("admin",))
    import_id = await office.check(HEAD + "ada@acme.example,Ada,admin,\nbob@acme.example,Bob,,\n")
    assert [fate for fate, _ in await office.fates(import_id)] == ["created", "created"]
    await office.start(import_id)
    async with office.platform.database.transaction() as tx:
        await users.set_roles(tx, office.admin.id, ("userManager",), office.platform.now)
    await office.importer.work()
    assert await office.fates(import_id) == [("refused", "role_not_yours"), ("created", "")]


async def disable(office: Any) -> None:
    await office.platform.add_user("second@acme.example", roles=("admin",))
    async with office.platform.database.transaction() as tx:
        await users.disable(tx, office.admin.id, office.platform.now)


async def demote(office: Any) -> None:
    await office.platform.add_user("second@acme.example", roles=("admin",))
    async with office.platform.database.transaction() as tx:
        await users.set_roles(tx, office.admin.id, ("apiKeys",), office.platform.now)


async def delete(office: Any) -> None:
    await office.platform.add_user("second@acme.example", roles=("admin",))
    async with office.platform.database.transaction() as tx:
        await users.delete(tx, office.admin.id, office.platform.now)


async def suspend(office: Any) -> None:
    state = office.platform.app.state
    async with office.platform.database.transaction() as tx:
        await organisations.suspend(tx, state.outbox, ACME, office.platform.now)


@pytest.mark.parametrize("end", [disable, demote, delete, suspend])
async def test_an_uploader_who_lost_the_right_stops_the_import(
    office: Any, end: Callable[[Any], Any]
) -> None:
    import_id = await office.check(HEAD + "ada@acme.example,Ada,,\nbob@acme.example,Bob,,\n")
    await office.start(import_id)
    await end(office)
    await office.importer.work()
    assert (await office.get(import_id)).state == "stopped"
    assert await office.fates(import_id) == [("not_done", ""), ("not_done", "")]
    assert all(row.line is None for row in await office.rows(import_id))
    assert "ada@acme.example" not in await office.people()
    stopped = next(e for e in await events(office.platform) if e.event == "import.stopped")
    assert stopped.details["because"] == "rights_gone"


# --- once, and to the end -------------------------------------------------------------------------


@dataclass
class Workers:
    """Several processes on one database."""

    office: Any

    def another(self, keyring: KeyRing | None = None) -> Importer:
        state = self.office.platform.app.state
        keys = keyring or state.keyring
        return Importer(
            state.database, state.clock, keys, state.outbox, MailLimits(keys, state.locks)
        )


def crowd(number: int) -> str:
    return HEAD + "".join(f"p{n}@acme.example,Person {n},apiKeys,\n" for n in range(number))


async def test_an_import_waits_while_the_organisation_has_mailed_enough(office: Any) -> None:
    """It loses no mail, and goes on by itself."""
    platform = office.platform
    limits: MailLimits = platform.app.state.all.mail_limits
    most = MAILS_OF_AN_ORGANISATION.free_failures
    key = (f"mails:{ACME}", MAILS_OF_AN_ORGANISATION)
    async with platform.database.transaction() as tx:
        for _ in range(most - 2):
            await limits.locks.record_failure(tx, [key], platform.now)
    import_id = await office.run(crowd(5), invite=True)
    found = await office.get(import_id)
    assert (found.state, found.done) == ("running", 2)
    assert not await office.importer.work()
    platform.clock.advance(HOUR)
    assert await office.importer.work()
    found = await office.get(import_id)
    assert (found.state, found.done) == ("done", 5)
    invited = [kind for kind, _ in await letters_of(platform) if kind == "mail.invitation"]
    assert len(invited) == 5


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
async def test_a_right_that_goes_during_a_batch_stops_the_import(office: Any) -> None:
    platform = office.platform
    await platform.add_user("another-boss@acme.example", roles=("admin",))
    import_id = await office.check(crowd(3))
    await office.start(import_id)
    found = await lists.lease(platform.database, platform.now, platform.now + 60)
    async with platform.database.transaction() as tx:
        await users.disable(tx, office.admin.id, platform.now)
        batch = asyncio.create_task(office.importer.do_batch(found))
        done, _ = await asyncio.wait({batch}, timeout=0.5)
        assert not done
    assert not await batch
    found = await office.get(import_id)
    assert (found.state, found.done) == ("stopped", 0)


async def test_of_two_starts_one_counts(office: Any) -> None:
    import_id = await office.check(crowd(1))
    await office.start(import_id)
    with pytest.raises(ProblemError) as caught:
        await office.start(import_id)
    assert caught.value.problem is Problem.IMPORT_NOT_STARTED


async def test_an_import_that_was_not_started_is_not_carried_out(office: Any) -> None:
    await office.check(crowd(1))
    assert not await office.importer.work()


async def test_an_import_is_leased_to_one_process(office: Any) -> None:
    import_id = await office.check(crowd(3))
    await office.start(import_id)
    now = office.platform.now
    leased = await asyncio.gather(
        *(lists.lease(office.platform.database, now, now + 60) for _ in range(4))
    )
    assert [one.id for one in leased if one is not None] == [import_id]


async def test_another_process_goes_on_where_one_went_away(office: Any) -> None:
    import_id = await office.check(crowd(50))
    await office.start(import_id)
    now = office.platform.now
    found = await lists.lease(office.platform.database, now, now + 60)
    await office.importer.do_batch(found)
    assert (await office.get(import_id)).done == 20
    other = Workers(office).another()
    assert not await other.work()
    office.platform.clock.advance(61)
    assert await other.work()
    found = await office.get(import_id)
    assert (found.state, found.done) == ("done", 50)
    assert len(await office.people()) == 51


async def test_two_processes_on_one_import_do_no_row_twice(office: Any) -> None:
    """The lease of one ended while it was slow."""
    import_id = await office.check(crowd(40))
    await office.start(import_id)
    now = office.platform.now
    found = await lists.lease(office.platform.database, now, now + 60)
    one, other = Workers(office).another(), Workers(office).another()

    async def to_the_end(importer: Importer) -> None:
        while await importer.do_batch(found):
            pass

    await asyncio.gather(to_the_end(one), to_the_end(other))
    found = await office.get(import_id)
    assert (found.state, found.done) == ("done", 40)
    given = [e for e in await events(office.platform, "user") if e.event == "user.created"]
    assert len(given) == 41
    assert len([e for e in await events(office.platform) if e.event == "import.finished"]) == 1


async def test_a_stop_while_it_runs_keeps_what_is_done(office: Any) -> None:
    import_id = await office.check(crowd(50))
    await office.start(import_id)
    now = office.platform.now
    found = await lists.lease(office.platform.database, now, now + 60)
    assert await office.importer.do_batch(found)
    async with office.platform.database.transaction() as tx:
        assert await imports.stop(tx, office.admin, import_id, now)
    await office.importer.do_batch(found)
    assert not await office.importer.do_batch(found)
    assert (await office.get(import_id)).state == "stopped"
    assert len(await office.people()) == 21
    fates = [fate for fate, _ in await office.fates(import_id)]
    assert (fates.count("created"), fates.count("not_done")) == (20, 30)
    async with office.platform.database.transaction() as tx:
        assert not await imports.stop(tx, office.admin, import_id, now)


async def test_a_stop_races_the_rows_without_a_deadlock(office: Any) -> None:
    import_id = await office.check(crowd(40))
    await office.start(import_id)

    async def stop() -> None:
        await asyncio.sleep(0.02)
        async with office.platform.database.transaction() as tx:
            await imports.stop(tx, office.admin, import_id, office.platform.now)

    await asyncio.gather(office.importer.work(), stop())
    found = await office.get(import_id)
    assert found.over
    fates = [fate for fate, _ in await office.fates(import_id)]
    assert fates.count("created") == found.done == len(await office.people()) - 1


async def test_somebody_who_is_made_in_between_is_changed_instead(office: Any) -> None:
    import_id = await office.check(HEAD + "ada@acme.example,Ada,odata,\n")
    await office.start(import_id)
    await office.platform.add_user("ADA@acme.example", name="Other", roles=())
    await office.importer.work()
    assert await office.fates(import_id) == [("changed", "name +odata")]
    assert (await office.person("ada@acme.example")).name == "Ada"


async def test_two_imports_of_the_same_person_make_one(office: Any) -> None:
    first, second = await office.check(crowd(10)), await office.check(crowd(10))
    await office.start(first)
    await office.start(second)
    workers = Workers(office)
    await asyncio.gather(workers.another().work(), workers.another().work())
    assert len(await office.people()) == 11
    fates = [fate for each in (first, second) for fate, _ in await office.fates(each)]
    assert sorted(fates) == ["created"] * 10 + ["unchanged"] * 10


async def test_a_row_whose_key_is_gone_is_refused_and_the_rest_goes_on(office: Any) -> None:
    import_id = await office.check(crowd(2))
    await office.start(import_id)
    await Workers(office).another(KeyRing("another secret")).work()
    assert await office.fates(import_id) == [("refused", "unreadable")] * 2
    assert (await office.get(import_id)).state == "done"


async def test_a_process_carries_out_what_waits_and_is_woken(office: Any) -> None:
    task = asyncio.create_task(office.importer.run())
    try:
        import_id = await office.check(crowd(2))
        await office.start(import_id)
        office.importer.wake()
        async with asyncio.timeout(20):
            while (await office.get(import_id)).state != "done":  # noqa: ASYNC110
                await asyncio.sleep(0.01)
    finally:
        task.cancel()
    assert len(await office.people()) == 3


# --- what is kept ---------------------------------------------------------------------------------


async def test_a_list_can_be_discarded_until_it_is_started(office: Any) -> None:
    database, now = office.platform.database, office.platform.now
    import_id = await office.check(crowd(2))
    async with database.transaction() as tx:
        assert await imports.discard(tx, office.admin, import_id, now)
    assert await database.all(select(import_rows)) == []
    started = await office.check(crowd(2))
    await office.start(started)
    async with database.transaction() as tx:
        assert not await imports.discard(tx, office.admin, started, now)


async def test_lists_are_forgotten_in_time(office: Any) -> None:
    database, clock = office.platform.database, office.platform.clock
    await office.check(crowd(1))
    done = await office.run(crowd(1))
    running = await office.check(crowd(1))
    await office.start(running)
    assert await imports.prune(database, office.platform.now) == 0
    clock.advance(24 * 3600)
    assert await imports.prune(database, office.platform.now) == 1
    assert (await office.get(done)).state == "done"
    clock.advance(30 * 24 * 3600)
    assert await imports.prune(database, office.platform.now) == 1
    assert [row["id"] for row in await database.all(select(imports_table.c.id))] == [running]


async def test_rows_come_in_pages_and_by_fate(with_people: Any) -> None:
    import_id = await with_people.check(LIST)
    rows = await with_people.rows(import_id, limit=3)
    assert [row.number for row in rows] == [2, 3, 4]
    rest = await with_people.rows(import_id, place=RowPlace(after=4))
    assert [row.fate for row in rest] == ["refused"]
    back = await with_people.rows(import_id, place=RowPlace(before=5), limit=2)
    assert [row.number for row in back] == [3, 4]
    [changed] = await with_people.rows(import_id, fate="changed")
    assert changed.line is not None
    assert changed.line.email == "old@acme.example"


async def test_imports_are_listed_with_the_newest_first(office: Any) -> None:
    first = await office.check(crowd(1))
    office.platform.clock.advance(5)
    second = await office.check(crowd(1))
    listed = await imports.list_imports(office.platform.database, ACME)
    assert [one.id for one in listed] == [second, first]
    assert {one.asked_by_name for one in listed} == {"The Boss"}
    assert await imports.list_imports(office.platform.database, GLOBEX) == []
