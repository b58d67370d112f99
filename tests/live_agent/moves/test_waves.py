"""Leading people through the move: stages, the old login that closes, the brake."""

import asyncio
import re

import pytest

from kernel.problems import ProblemError
from live_agent.migration.actions import Entered
from live_agent.moves import waves
from live_agent.moves.stages import BRAKE_WINDOW, DAY, Stage, must_pause
from live_agent.problems import Problem
from support.moves_town import Town
from support.office import OLD_PASSWORD, Office, submit
from support.platform import digest_of
from support.visitor import form_with, forms_of


async def work(town: Town) -> None:
    await town.mover().work()


async def set_stage(town: Town, user_id: str, stage: Stage, in_days: int | None = None) -> int:
    office = town.office
    async with office.database.transaction() as tx:
        return await waves.set_stage(
            tx,
            town.account_id,
            [user_id],
            stage,
            office.now,
            by="us_boss",
            closes_at=None if in_days is None else office.now + in_days * DAY,
        )


async def administrator(office: Office) -> Entered:
    """Somebody who administrates the account through Cognigy.AI already."""
    return await office.enter(
        subject="boss", email="boss@acme.example", name="Boss", roles=("administrator",)
    )


async def ada(town: Town) -> str:
    return await town.office.add_old_user()


def same_for_everybody(page: str) -> str:
    """Without what differs between any two answers."""
    page = re.sub(r"[A-Z2-7]{12}", "REFERENCE", page)
    page = re.sub(r'name="csrf_token" value="[^"]*"', "", page)
    return page.replace("nobody@acme.example", "ada@acme.example")


async def test_on_its_day_the_old_login_closes_and_answers_as_everybody(town: Town):
    """Rule 7: whether a login is closed is not to be found out."""
    user_id, office = await ada(town), town.office
    await administrator(office)
    await set_stage(town, user_id, Stage.CLOSING, in_days=3)
    office.clock.advance(3 * DAY - 60)
    await work(town)
    async with office.browser() as browser:
        assert (await office.old_login(browser)).status_code == 303, "it is not the day yet"
        office.clock.advance(60)
        await work(town)
        assert (await browser.get(office.dashboard)).status_code == 303, "the session has ended"
    answers = []
    for email in ("ada@acme.example", "nobody@acme.example"):
        async with office.browser() as browser:
            answers.append(await office.old_login(browser, email))
    assert answers[0].status_code == answers[1].status_code
    closed, unknown = (same_for_everybody(one.text) for one in answers)
    assert closed == unknown
    assert "this password no longer works" in closed
    assert len(await office.events("user.old_login_closed")) == 1
    assert (await office.enter()).moved, "Cognigy.AI stays open"


async def test_reopened_it_works_again(town: Town):
    user_id, office = await ada(town), town.office
    await administrator(office)
    await set_stage(town, user_id, Stage.CLOSING, in_days=0)
    await work(town)
    async with office.database.transaction() as tx:
        assert await waves.reopen(tx, town.account_id, [user_id], office.now, by="us_boss") == 1
    office.clock.advance(DAY)
    await work(town)
    async with office.browser() as browser:
        assert (await office.old_login(browser)).status_code == 303
    assert (await waves.find_standing(office.database, user_id)).stage is Stage.FIRST


async def test_whoever_was_put_back_gets_in_by_the_old_login_again(town: Town):
    """Also when the old login was closed before the move: its day is over, and closes nothing."""
    user_id, office = await ada(town), town.office
    boss = await administrator(office)
    await set_stage(town, user_id, Stage.CLOSING, in_days=0)
    await work(town)
    assert (await office.enter()).moved
    place = f"/app/accounts/{town.account_id}/settings/agents/{user_id}/history"
    async with office.browser_with("session", boss.session_secret) as browser:
        page = await browser.get(place)
        form = next(one for one in forms_of(page.text) if one.action == place)
        assert (await submit(browser, form, reason="Too early.")).status_code == 303
    await work(town)
    assert (await office.user(user_id))["password_closed_at"] is None
    assert (await waves.find_standing(office.database, user_id)).stage is Stage.OBSERVE
    secret = (await office.letters("mail.way_back"))[-1]["secret"]
    async with office.browser() as browser:
        assert (await browser.get(f"/old-login/password/{secret}")).status_code == 200


async def test_nothing_closes_before_an_administrator_has_moved(town: Town):
    user_id = await ada(town)
    await town.office.enter(subject="x", email="x@acme.example", roles=("agent",))
    with pytest.raises(ProblemError) as refused:
        await set_stage(town, user_id, Stage.CLOSING, in_days=3)
    assert refused.value.problem is Problem.LAST_ADMIN_UNMOVED


async def test_an_administrator_who_goes_before_the_day_keeps_it_open(town: Town):
    user_id, office = await ada(town), town.office
    boss = await administrator(office)
    await set_stage(town, user_id, Stage.CLOSING, in_days=1)
    await office.disable(boss.user_id)
    office.clock.advance(2 * DAY)
    await work(town)
    assert (await office.user(user_id))["password_closed_at"] is None
    await office.enable(boss.user_id)
    await work(town)
    assert (await office.user(user_id))["password_closed_at"] == office.now


async def test_a_paused_account_closes_nothing_until_it_goes_on(town: Town):
    user_id, office = await ada(town), town.office
    await administrator(office)
    await set_stage(town, user_id, Stage.CLOSING, in_days=0)
    async with office.database.transaction() as tx:
        assert await waves.pause(tx, town.account_id, office.now, by="us_boss")
        assert not await waves.pause(tx, town.account_id, office.now, by="us_boss")
    await work(town)
    assert (await office.user(user_id))["password_closed_at"] is None
    async with office.database.transaction() as tx:
        await waves.resume(tx, town.account_id, office.now, by="us_boss")
    await work(town)
    assert (await office.user(user_id))["password_closed_at"] is not None


async def test_an_account_that_is_paused_holds_up_no_other_ones_closing(town: Town):
    """However many wait there: they do not stand before everybody else's."""
    office = town.office
    await administrator(office)
    ids = [town.add_user(f"old{number}") for number in range(waves.AT_ONCE)]
    await town.keep()
    async with office.database.transaction() as tx:
        await waves.set_stage(
            tx, town.account_id, ids, Stage.CLOSING, office.now, by="x", closes_at=office.now
        )
        await waves.pause(tx, town.account_id, office.now, by="us_boss")
    office.clock.advance(60)
    office.account = await office.add_account("Globex", "b" * 24)
    await office.enter(
        subject="gil", organisation="b" * 24, email="gil@globex.example", roles=("administrator",)
    )
    theirs = await ada(town)
    await set_stage(town, theirs, Stage.CLOSING, in_days=0)
    await work(town)
    assert (await office.user(theirs))["password_closed_at"] == office.now
    assert (await office.user(ids[0]))["password_closed_at"] is None


async def test_whoever_forgot_the_password_of_a_closed_old_login_gets_no_link(town: Town):
    """It would open nothing, until somebody reopens it."""
    user_id, office = await ada(town), town.office
    await administrator(office)
    await set_stage(town, user_id, Stage.CLOSING, in_days=0)
    await work(town)
    async with office.browser() as browser:
        page = await browser.get("/old-login/forgot")
        await submit(browser, form_with(page, "email"), email="ada@acme.example")
    assert await office.letters("mail.reset") == []
    assert len(await office.letters("mail.moved_already")) == 1


async def test_too_many_failures_pause_the_account_by_themselves(town: Town):
    """Idea 10."""
    user_id, office = await ada(town), town.office
    await administrator(office)
    await set_stage(town, user_id, Stage.CLOSING, in_days=2)
    people = [town.add_user(f"n{number}") for number in range(5)]
    await town.keep()
    for number in range(9):  # strangers, and one who tries again and again, count for one at most
        assert await office.refusal(subject=f"s{number}", email=f"s{number}@x.example", roles=())
        assert await office.refusal(subject="n0", email="n0@acme.example", roles=())
    await work(town)
    assert not (await waves.find_brake(office.database, town.account_id)).paused
    for number in range(1, len(people)):
        assert await office.refusal(subject=f"n{number}", email=f"n{number}@acme.example", roles=())
    await work(town)
    brake = await waves.find_brake(office.database, town.account_id)
    assert (brake.paused, brake.by_itself, brake.failures, brake.moved) == (True, True, 5, 0)
    assert len(await office.events("migration.paused")) == 1
    async with office.database.transaction() as tx:
        await waves.resume(tx, town.account_id, office.now, by="us_boss")
    office.clock.advance(1)
    await work(town)
    assert not (await waves.find_brake(office.database, town.account_id)).paused
    office.clock.advance(BRAKE_WINDOW)


@pytest.mark.parametrize(
    ("failures", "moved", "paused"),
    [(4, 0, False), (5, 0, True), (5, 20, False), (6, 20, True), (0, 50, False)],
)
def test_when_the_brake_falls(failures: int, moved: int, paused: bool):  # noqa: FBT001
    assert must_pause(failures, moved) is paused


async def test_a_stage_is_set_for_unmoved_people_of_the_account_alone(town: Town):
    user_id, office = await ada(town), town.office
    globex = await office.add_account("Globex", "b" * 24)
    stranger = await office.add_old_user(account_id=globex.id, email="eve@globex.example")
    moved = (await office.enter(subject="m", email="m@acme.example")).user_id
    for one, expected in ((user_id, 1), (stranger, 0), (moved, 0), ("us_nobody", 0)):
        assert await set_stage(town, one, Stage.FIRST) == expected


async def test_cognigy_ai_first_asks_after_the_old_login(town: Town):
    user_id, office = await ada(town), town.office
    await set_stage(town, user_id, Stage.FIRST)
    async with office.browser() as browser:
        answer = await office.old_login(browser)
        assert answer.headers["location"].startswith(f"/app/accounts/{town.account_id}/move?")
        page = await browser.get(answer.headers["location"])
        assert "Please sign in with Cognigy.AI from now on" in page.text
        assert "/omniauth/cognigy?return_to=" in page.text
        assert f'href="{office.dashboard}"' in page.text
        evil = await browser.get(
            f"/app/accounts/{town.account_id}/move", params={"return_to": "https://evil.example"}
        )
        assert 'href="https://evil' not in evil.text


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
async def test_a_move_and_a_closing_at_once_leave_the_person_moved(town: Town):
    """Both orders are fine; a deadlock or half of each is not."""
    office = town.office
    await administrator(office)
    for number in range(8):
        email = f"p{number}@acme.example"
        user_id = await office.add_old_user(email=email)
        await set_stage(town, user_id, Stage.CLOSING, in_days=0)
        came, _ = await asyncio.gather(
            office.enter(subject=f"s{number}", email=email),
            waves.close_due(office.database, office.now),
        )
        row = await office.user(user_id)
        assert (came.user_id, row["subject"]) == (user_id, f"s{number}")
        assert row["password_digest"] is None


async def test_the_page_says_what_a_deed_means_and_then_does_it(town: Town):
    user_id, office = await ada(town), town.office
    place = f"/app/accounts/{town.account_id}/settings/migration"
    async with await office.signed_in_browser(
        subject="boss", email="boss@acme.example", roles=("administrator",)
    ) as browser:
        page = await browser.get(place)
        form = next(f for f in forms_of(page.text) if f"user.{user_id}" in page.text and
                    f.action == f"{place}/deed")  # fmt: skip
        asked = {"deed": "close", f"user.{user_id}": "1"}
        confirm = await submit(browser, form, **asked)
        assert confirm.status_code == 200
        assert "For 1 person" in confirm.text
        assert (await office.rows("move_stages")) == []
        form = next(f for f in forms_of(confirm.text) if f.action == f"{place}/deed")
        wrong = await submit(browser, form, closes_on="2020-01-01")
        assert wrong.status_code == 400
        done = await submit(browser, form, closes_on=form.fields["closes_on"])
        assert done.status_code == 303
        assert "Old login closes" in (await browser.get(place)).text
    (row,) = await office.rows("move_stages")
    assert (row["user_id"], row["stage"]) == (user_id, "CLOSING")


async def test_a_password_of_a_closed_login_still_proves_who_moves(town: Town):
    """It opens nothing, but it is still theirs: with it the person may move."""
    office = town.office
    user_id = await office.add_old_user(confirmed=False, digest=await digest_of(OLD_PASSWORD))
    await administrator(office)
    await set_stage(town, user_id, Stage.CLOSING, in_days=0)
    await work(town)
    async with await office.pending_browser() as browser:
        page = await browser.get("/login/link")
    assert page.status_code == 200
