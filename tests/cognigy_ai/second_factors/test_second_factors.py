"""One-time passwords and recovery codes: each works once, and guessing gets nobody in."""

import asyncio
import json

import pytest
from sqlalchemy import select

from cognigy_ai import letters
from cognigy_ai.db.tables import audit_events, recovery_codes
from cognigy_ai.db.tables import second_factors as table
from cognigy_ai.problems import Problem
from cognigy_ai.second_factors import actions as second_factors
from cognigy_ai.second_factors.actions import Method, Verdict
from cognigy_ai.users.rules import User
from kernel.keyring import KeyRing
from kernel.problems import ProblemError
from support.platform import OUTBOX, Platform
from support.two_step import SECRET, code_at, judge_of, prove, switch_on, wrong_code

FACTORS = select(table)
CODES = select(recovery_codes)
EVENTS = select(audit_events).order_by(audit_events.c.event)
BY_APP = Verdict(Method.ONE_TIME_PASSWORD)
BY_CODE = Verdict(Method.RECOVERY_CODE)
REFUSED = Verdict(None)


@pytest.fixture
async def ada(acme: Platform) -> User:
    return await acme.add_user()


@pytest.fixture
async def codes(acme: Platform, ada: User) -> tuple[str, ...]:
    return await switch_on(acme, ada)


async def letters_of(platform: Platform) -> list[dict[str, object]]:
    found = await OUTBOX.lease(platform.database, platform.now)
    return [dict(one.payload or {}) for one in found if one.kind == letters.TWO_STEP]


async def test_the_code_of_the_app_proves_the_factor(
    acme: Platform, ada: User, codes: tuple[str, ...]
) -> None:
    assert await prove(acme, ada, code_at(acme.now)) == BY_APP


async def test_a_code_works_once(acme: Platform, ada: User, codes: tuple[str, ...]) -> None:
    """RFC 6238 section 5.2, ASVS 6.5.1: also within its thirty seconds."""
    assert await prove(acme, ada, code_at(acme.now)) == BY_APP
    assert await prove(acme, ada, code_at(acme.now)) == REFUSED
    acme.clock.advance(30)
    assert await prove(acme, ada, code_at(acme.now - 30)) == REFUSED
    assert await prove(acme, ada, code_at(acme.now)) == BY_APP


@pytest.mark.parametrize(("shift", "verdict"), [(-60, REFUSED), (-30, BY_APP), (30, BY_APP)])
async def test_clocks_may_be_half_a_minute_apart(
    acme: Platform, ada: User, codes: tuple[str, ...], shift: int, verdict: Verdict
) -> None:
    assert await prove(acme, ada, code_at(acme.now + shift)) == verdict


async def test_a_code_from_two_periods_ahead_is_refused(
    acme: Platform, ada: User, codes: tuple[str, ...]
) -> None:
    assert await prove(acme, ada, code_at(acme.now + 60)) == REFUSED


async def test_a_later_code_spends_the_earlier_ones(
    acme: Platform, ada: User, codes: tuple[str, ...]
) -> None:
    assert await prove(acme, ada, code_at(acme.now + 30)) == BY_APP
    assert await prove(acme, ada, code_at(acme.now)) == REFUSED


async def test_codes_may_be_typed_in_groups(
    acme: Platform, ada: User, codes: tuple[str, ...]
) -> None:
    code = code_at(acme.now)
    assert await prove(acme, ada, f" {code[:3]} {code[3:]} ") == BY_APP
    assert await prove(acme, ada, codes[0].lower().replace("-", " ")) == BY_CODE


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "١٢٣٤٥٦", "a" * 24, "x" * 5000])
async def test_what_is_no_code_is_refused(
    acme: Platform, ada: User, codes: tuple[str, ...], typed: str
) -> None:
    assert await prove(acme, ada, typed) == REFUSED


async def test_ten_recovery_codes_work_once_each(
    acme: Platform, ada: User, codes: tuple[str, ...]
) -> None:
    assert len(set(codes)) == 10
    for left, code in zip(range(9, -1, -1), codes, strict=True):
        assert await prove(acme, ada, code) == BY_CODE
        assert await second_factors.count_codes(acme.database, ada.id) == left
    assert await prove(acme, ada, codes[3]) == REFUSED


async def test_recovery_codes_of_a_colleague_are_worth_nothing(
    acme: Platform, ada: User, codes: tuple[str, ...]
) -> None:
    eve = await acme.add_user("eve@acme.example", name="Eve")
    await switch_on(acme, eve, "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU")
    assert await prove(acme, eve, codes[0]) == REFUSED
    assert await prove(acme, eve, code_at(acme.now)) == REFUSED
    assert await prove(acme, ada, codes[0]) == BY_CODE


@pytest.mark.parametrize("kind", ["one-time password", "recovery code"])
async def test_of_two_simultaneous_uses_exactly_one_succeeds(
    acme: Platform, ada: User, codes: tuple[str, ...], kind: str
) -> None:
    typed = codes[0] if kind == "recovery code" else code_at(acme.now)
    verdicts = await asyncio.gather(*(prove(acme, ada, typed) for _ in range(4)))
    assert [verdict.method for verdict in verdicts].count(None) == 3


async def test_wrong_codes_lock_for_longer_and_longer(
    acme: Platform, ada: User, codes: tuple[str, ...]
) -> None:
    for _ in range(5):
        assert await prove(acme, ada, wrong_code(acme.now)) == REFUSED
    assert await prove(acme, ada, wrong_code(acme.now)) == Verdict(None, acme.now + 30)
    # neither the app nor a recovery code gets past the lock, and neither is spent on it
    assert await prove(acme, ada, code_at(acme.now)) == Verdict(None, acme.now + 30)
    assert await prove(acme, ada, codes[0]) == Verdict(None, acme.now + 30)
    acme.clock.advance(31)
    assert await prove(acme, ada, wrong_code(acme.now)) == Verdict(None, acme.now + 60)
    acme.clock.advance(61)
    assert await prove(acme, ada, codes[0]) == BY_CODE


async def test_a_burst_of_guesses_does_not_get_past_the_lock(
    acme: Platform, ada: User, codes: tuple[str, ...]
) -> None:
    """At most six are judged, however many come at the same moment."""
    guesses = [prove(acme, ada, wrong_code(acme.now)) for _ in range(12)]
    verdicts = await asyncio.gather(*guesses)
    assert sum(verdict.locked_until == 0 for verdict in verdicts) == 5
    assert (await prove(acme, ada, code_at(acme.now))).method is None


async def test_success_forgets_the_wrong_codes(
    acme: Platform, ada: User, codes: tuple[str, ...]
) -> None:
    for _ in range(5):
        await prove(acme, ada, wrong_code(acme.now))
    assert await prove(acme, ada, codes[0]) == BY_CODE
    assert await prove(acme, ada, wrong_code(acme.now)) == REFUSED


async def test_somebody_without_a_factor_proves_nothing(acme: Platform, ada: User) -> None:
    assert await prove(acme, ada, code_at(acme.now)) == REFUSED


async def test_nothing_that_signs_in_is_stored_readably(
    acme: Platform, ada: User, codes: tuple[str, ...]
) -> None:
    stored = str([dict(row) for row in await acme.database.all(FACTORS)])
    stored += str([dict(row) for row in await acme.database.all(CODES)])
    stored += str([dict(row) for row in await acme.database.all(EVENTS)])
    assert SECRET not in stored
    for code in codes:
        assert code not in stored
        assert code.replace("-", "") not in stored


async def test_each_use_seals_the_secret_with_the_present_key(
    acme: Platform, ada: User, codes: tuple[str, ...]
) -> None:
    """So that a key of the installation can be retired."""
    old, new = "0123456789abcdef" * 5, "fedcba9876543210" * 5
    judge = second_factors.Judge(KeyRing(new, (old,)), judge_of(acme).locks)
    async with acme.database.transaction() as tx:
        verdict = await second_factors.prove(tx, judge, ada.id, code_at(acme.now), acme.now)
    assert verdict == BY_APP
    factor = await second_factors.find(acme.database, ada.id)
    assert factor is not None
    assert KeyRing(new).open_sealed(second_factors.SEALED_FOR, factor.sealed_secret) == SECRET


async def test_new_recovery_codes_make_the_old_ones_void(
    acme: Platform, ada: User, codes: tuple[str, ...]
) -> None:
    async with acme.database.transaction() as tx:
        fresh = await second_factors.renew_codes(tx, OUTBOX, ada, acme.now)
    assert not set(fresh) & set(codes)
    assert await prove(acme, ada, codes[0]) == REFUSED
    assert await prove(acme, ada, fresh[0]) == BY_CODE


async def test_there_is_one_factor_unless_it_is_moved(
    acme: Platform, ada: User, codes: tuple[str, ...]
) -> None:
    """Whoever knows the password alone does not put their own app in the place of the person's."""
    with pytest.raises(ProblemError) as refused:
        await switch_on(acme, ada, "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU")
    assert refused.value.problem is Problem.TWO_STEP_CHANGED
    assert await prove(acme, ada, code_at(acme.now)) == BY_APP


@pytest.mark.parametrize("change", ["off", "reset"])
async def test_a_factor_that_was_removed_is_gone_with_its_codes(
    acme: Platform, ada: User, codes: tuple[str, ...], change: str
) -> None:
    remove = second_factors.turn_off if change == "off" else second_factors.reset
    async with acme.database.transaction() as tx:
        assert await remove(tx, OUTBOX, ada, acme.now)
    async with acme.database.transaction() as tx:
        assert not await remove(tx, OUTBOX, ada, acme.now)
    assert await acme.database.all(CODES) == []
    assert await prove(acme, ada, code_at(acme.now)) == REFUSED
    assert {letter["change"] for letter in await letters_of(acme)} == {"on", change}
    events = [row for row in await acme.database.all(EVENTS) if "second_factor" in row["event"]]
    assert [row["event"] for row in events] == ["second_factor.removed", "second_factor.set_up"]
    assert json.loads(events[0]["details"]) == {"because": change}
    assert events[0]["organisation_id"] == ada.organisation_id


async def test_a_factor_goes_with_its_person(
    acme: Platform, ada: User, codes: tuple[str, ...]
) -> None:
    from cognigy_ai.users.store import people

    async with acme.database.transaction() as tx:
        await people.remove(tx, ada.id, acme.now)
    assert await acme.database.all(FACTORS) == []
    assert await acme.database.all(CODES) == []
