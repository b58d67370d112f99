"""Login with e-mail and password: who gets in, and that refusals tell nothing."""

import asyncio
from dataclasses import replace

import pytest
from pwdlib.hashers.bcrypt import BcryptHasher

from cognigy_ai.organisations import actions as organisations
from cognigy_ai.problems import Problem
from cognigy_ai.sessions import actions as sessions
from cognigy_ai.sessions.rules import LoggedIn, LoginAttempt
from cognigy_ai.sessions.steps import Entry
from cognigy_ai.users import actions as users
from cognigy_ai.users import policy
from cognigy_ai.users.passwords import NewPassword
from kernel.passwords import PasswordsBusy
from kernel.problems import ProblemError
from kernel.throttle import NETWORK, network_key
from support.platform import OUTBOX, PASSWORD, Platform, digest_of

GLOBEX = "b" * 24
GOOD = LoginAttempt(
    "ada@acme.example", PASSWORD, client_address="192.0.2.7", user_agent="A browser"
)
WRONG = replace(GOOD, password="not the password")
UNKNOWN = replace(GOOD, email="nobody@acme.example")


async def enter(platform: Platform, attempt: LoginAttempt = GOOD) -> LoggedIn | Entry:
    arrived = platform.clock.monotonic()
    return await sessions.login(platform.means, attempt, platform.now, arrived)


async def login(platform: Platform, attempt: LoginAttempt = GOOD) -> LoggedIn:
    done = await enter(platform, attempt)
    assert isinstance(done, LoggedIn)
    return done


async def refusal(platform: Platform, attempt: LoginAttempt = WRONG) -> tuple[Problem, int | None]:
    with pytest.raises(ProblemError) as refused:
        await enter(platform, attempt)
    assert isinstance(refused.value.problem, Problem)
    return refused.value.problem, refused.value.retry_after


@pytest.fixture
async def ada(acme: Platform) -> Platform:
    await acme.add_user()
    return acme


async def test_the_right_password_begins_a_session(ada: Platform) -> None:
    done = await login(ada)
    session = await sessions.find(ada.database, done.secret, ada.now)
    assert session == done.session
    assert session is not None
    assert session.user.email == "ada@acme.example"
    assert session.auth_time == ada.now
    assert session.amr == ("pwd",)
    assert not done.kept
    assert done.lifetime == 12 * 3600


async def test_the_address_is_compared_without_case_and_blanks(ada: Platform) -> None:
    await login(ada, replace(GOOD, email=" ADA@acme.example "))


async def test_a_login_is_over_after_its_lifetime(ada: Platform) -> None:
    done = await login(ada)
    ada.clock.advance(done.lifetime - 1)
    assert await sessions.find(ada.database, done.secret, ada.now) is not None
    ada.clock.advance(1)
    assert await sessions.find(ada.database, done.secret, ada.now) is None


async def test_whoever_stays_signed_in_stays_for_thirty_days(ada: Platform) -> None:
    done = await login(ada, replace(GOOD, keep_signed_in=True))
    assert done.kept
    assert done.lifetime == 30 * 24 * 3600


async def test_a_right_password_costs_one_transaction_and_two_reads(ada: Platform) -> None:
    database = ada.database
    before = (database.statements, database.transactions)
    await login(ada)
    # user, locks, once a minute the cost of bcrypt | locks again, password and what is due, time,
    # session, the audit event of the login, failures forgotten
    assert (database.statements - before[0], database.transactions - before[1]) == (9, 4)


@pytest.mark.parametrize("attempt", [WRONG, UNKNOWN])
async def test_a_failure_is_recorded_in_one_transaction(
    ada: Platform, attempt: LoginAttempt
) -> None:
    """The failure, the count of whoever has the address, the audit event; also of nobody.

    Before it the user, the locks, and once a minute the cost of bcrypt.
    """
    database = ada.database
    before = (database.statements, database.transactions)
    await refusal(ada, attempt)
    assert (database.statements - before[0], database.transactions - before[1]) == (6, 4)


async def break_nothing(_platform: Platform) -> None:
    return None


async def disable(platform: Platform) -> None:
    async with platform.database.transaction() as tx:
        user = await users.get_by_email(tx, GOOD.email, None)
        await users.disable(tx, user.id, platform.now)


async def suspend(platform: Platform) -> None:
    async with platform.database.transaction() as tx:
        user = await users.get_by_email(tx, GOOD.email, None)
        await organisations.suspend(tx, OUTBOX, user.organisation_id, platform.now)


REFUSED = {
    "wrong password": (break_nothing, WRONG),
    "unknown address": (break_nothing, UNKNOWN),
    "no address at all": (break_nothing, replace(GOOD, email="")),
    "disabled user": (disable, GOOD),
    "suspended organisation": (suspend, GOOD),
    "another organisation": (break_nothing, replace(GOOD, organisation_id=GLOBEX)),
    "very long password": (break_nothing, replace(GOOD, password="x" * 5000)),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_every_refusal_is_the_same_and_at_the_same_time(ada: Platform, case: str) -> None:
    """Lesson 75: words, status, time and the countdown say nothing about the account."""
    change, attempt = REFUSED[case]
    await change(ada)
    for _ in range(5):
        ada.clock.slept.clear()
        assert await refusal(ada, attempt) == (Problem.SIGN_IN_REFUSED, None)
        assert ada.clock.slept == [pytest.approx(0.5)]
    problem, retry_after = await refusal(ada, attempt)
    assert problem is Problem.TOO_MANY_ATTEMPTS
    assert retry_after == 30
    assert await refusal(ada, replace(attempt, email=attempt.email.upper())) == (problem, 29)


async def test_while_locked_the_right_password_is_refused_too(ada: Platform) -> None:
    for _ in range(6):
        await refusal(ada)
    assert (await refusal(ada, GOOD))[0] is Problem.TOO_MANY_ATTEMPTS
    ada.clock.advance(31)
    await login(ada)


async def test_a_lock_grows_with_further_failures(ada: Platform) -> None:
    for _ in range(6):
        await refusal(ada)
    ada.clock.advance(31)
    assert (await refusal(ada))[1] == 60


async def test_nobody_locks_a_colleague_out_of_a_browser_that_was_used_before(
    ada: Platform,
) -> None:
    known = (await login(ada)).known_browser
    for _ in range(6):
        await refusal(ada, replace(WRONG, client_address="203.0.113.9"))
    assert (await refusal(ada, GOOD))[0] is Problem.TOO_MANY_ATTEMPTS
    await login(ada, replace(GOOD, known_browser=known))
    # the stranger's failures are not forgotten by it
    assert (await refusal(ada, GOOD))[0] is Problem.TOO_MANY_ATTEMPTS


async def test_a_known_browser_is_locked_by_its_own_failures(ada: Platform) -> None:
    known = (await login(ada)).known_browser
    for _ in range(6):
        await refusal(ada, replace(WRONG, known_browser=known))
    problem, _ = await refusal(ada, replace(GOOD, known_browser=known))
    assert problem is Problem.TOO_MANY_ATTEMPTS
    await login(ada)


async def test_an_altered_known_browser_cookie_knows_nobody(ada: Platform) -> None:
    known = (await login(ada)).known_browser
    for _ in range(6):
        await refusal(ada)
    altered = known[:-4] + "AAAA"
    problem, _ = await refusal(ada, replace(GOOD, known_browser=altered))
    assert problem is Problem.TOO_MANY_ATTEMPTS


async def test_success_forgets_the_failures_of_the_account(ada: Platform) -> None:
    for _ in range(5):
        await refusal(ada)
    await login(ada)
    assert await refusal(ada) == (Problem.SIGN_IN_REFUSED, None)


async def test_one_network_cannot_try_many_addresses(ada: Platform) -> None:
    for number in range(50):
        tried = await refusal(ada, replace(WRONG, email=f"p{number}@acme.example"))
        assert tried[0] is Problem.SIGN_IN_REFUSED
    tried = await refusal(ada, replace(WRONG, email="p50@acme.example"))
    assert tried == (Problem.TOO_MANY_ATTEMPTS, 300)
    assert (await refusal(ada, GOOD))[0] is Problem.TOO_MANY_ATTEMPTS
    await login(ada, replace(GOOD, client_address="192.0.2.8"))


async def test_a_burst_of_guesses_does_not_get_past_the_lock(ada: Platform) -> None:
    """All looked before any failed; the last of them, the right one, is asked again."""
    matches = ada.means.passwords.matches
    others_failed = asyncio.Event()

    async def the_right_one_last(password: str, digest: str | None) -> bool:
        if password == PASSWORD:
            await others_failed.wait()
        return await matches(password, digest)

    ada.means.passwords.matches = the_right_one_last  # type: ignore[method-assign]
    right = asyncio.create_task(refusal(ada, GOOD))
    await asyncio.gather(*(refusal(ada) for _ in range(8)))
    others_failed.set()
    assert (await right)[0] is Problem.TOO_MANY_ATTEMPTS


THEIRS = "violet tractor umbrella 55"


@pytest.mark.parametrize("organisation", [None, GLOBEX])
async def test_a_login_in_another_organisation_does_not_forget_the_guesses(
    ada: Platform, organisation: str | None
) -> None:
    await ada.add_organisation(GLOBEX, "Globex")
    await ada.add_user(organisation=GLOBEX, password=THEIRS)
    for _ in range(5):
        assert (await refusal(ada))[0] is Problem.SIGN_IN_REFUSED
    await login(ada, replace(GOOD, password=THEIRS, organisation_id=organisation))
    assert (await refusal(ada))[0] is Problem.TOO_MANY_ATTEMPTS


async def test_a_browser_known_in_another_organisation_opens_nothing_here(ada: Platform) -> None:
    await ada.add_organisation(GLOBEX, "Globex")
    await ada.add_user(organisation=GLOBEX, password=THEIRS)
    known = (await login(ada, replace(GOOD, password=THEIRS))).known_browser
    for _ in range(6):
        await refusal(ada, replace(WRONG, known_browser=known))
    # Behind the lock of the address the browser reaches the user it knows, and nobody else.
    behind = await refusal(ada, replace(GOOD, known_browser=known))
    assert behind[0] is Problem.SIGN_IN_REFUSED
    await login(ada, replace(GOOD, password=THEIRS, known_browser=known))


async def test_a_busy_network_does_not_hold_a_known_browser(ada: Platform) -> None:
    known = (await login(ada)).known_browser
    network = network_key(ada.means.keyring, GOOD.client_address)
    for _ in range(51):
        await ada.means.locks.record_failure(ada.database, [(network, NETWORK)], ada.now)
    assert (await refusal(ada, GOOD))[0] is Problem.TOO_MANY_ATTEMPTS
    wrong = await refusal(ada, replace(WRONG, known_browser=known))
    assert wrong == (Problem.SIGN_IN_REFUSED, None)
    await login(ada, replace(GOOD, known_browser=known))


async def test_a_burst_of_guesses_changes_no_password(ada: Platform) -> None:
    session = (await login(ada)).session
    matches = ada.means.passwords.matches
    others_failed = asyncio.Event()

    async def the_right_one_last(password: str, digest: str | None) -> bool:
        if password == PASSWORD:
            await others_failed.wait()
        return await matches(password, digest)

    async def change(current: str) -> object:
        new = NewPassword(THEIRS, policy.DEFAULT)
        with pytest.raises(ProblemError) as refused:
            await sessions.change_password(ada.means, OUTBOX, session, current, new, ada.now)
        return refused.value.problem

    ada.means.passwords.matches = the_right_one_last  # type: ignore[method-assign]
    right = asyncio.create_task(change(PASSWORD))
    await asyncio.gather(*(change("not the password") for _ in range(8)))
    others_failed.set()
    assert await right is Problem.TOO_MANY_ATTEMPTS


async def import_bcrypt(platform: Platform, user_id: str, password: str, cost: int = 4) -> None:
    digest = BcryptHasher(rounds=cost).hash(password.encode()[:72].decode())
    async with platform.database.transaction() as tx:
        await users.set_password(tx, user_id, digest, platform.now)


async def test_an_old_digest_is_made_anew(acme: Platform) -> None:
    user = await acme.add_user(password=None)
    await import_bcrypt(acme, user.id, PASSWORD)
    await login(acme)
    digest = await users.find_digest(acme.database, user.id)
    assert digest is not None
    assert digest.startswith("$argon2id$")
    await login(acme)


async def test_of_a_long_old_password_72_bytes_count_until_it_is_made_anew(acme: Platform) -> None:
    """The old product compared no more; from the first login on every character counts."""
    user = await acme.add_user(password=None)
    long = "0123456789" * 8
    await import_bcrypt(acme, user.id, long)
    attempt = replace(GOOD, password=long)
    assert (await refusal(acme, replace(GOOD, password=long[:71])))[0] is Problem.SIGN_IN_REFUSED
    await login(acme, attempt)
    assert (await refusal(acme, replace(GOOD, password=long[:72])))[0] is Problem.SIGN_IN_REFUSED
    await login(acme, attempt)


async def test_the_dearest_bcrypt_digest_is_what_refusals_cost(acme: Platform) -> None:
    assert await users.find_bcrypt_cost(acme.database) is None
    await acme.add_user()
    assert await users.find_bcrypt_cost(acme.database) is None
    for number, cost in ((1, 4), (2, 10), (3, 5)):
        user = await acme.add_user(f"old{number}@acme.example", password=None)
        await import_bcrypt(acme, user.id, PASSWORD, cost)
    assert await users.find_bcrypt_cost(acme.database) == 10


async def test_every_refusal_costs_the_same_kinds_of_work(ada: Platform) -> None:
    """Who has an imported password is not told by time: an argon2id and a bcrypt each."""
    old = await ada.add_user("old@acme.example", password=None)
    await import_bcrypt(ada, old.id, PASSWORD)
    kinds: list[list[str]] = []
    verify = ada.means.passwords._verify

    def noted(password: str, digest: str) -> bool:
        kinds[-1].append(digest[:4])
        return verify(password, digest)

    ada.means.passwords._verify = noted  # type: ignore[method-assign]
    for email in ("ada@acme.example", "old@acme.example", "nobody@acme.example"):
        kinds.append([])
        await refusal(ada, replace(WRONG, email=email))
    assert [sorted(each) for each in kinds] == [["$2b$", "$arg"]] * 3


async def test_a_password_that_changed_meanwhile_does_not_log_in(ada: Platform) -> None:
    user = await users.get_by_email(ada.database, GOOD.email, None)
    matches = ada.means.passwords.matches
    new_digest = await digest_of("another long password")

    async def slowly(password: str, digest: str | None) -> bool:
        found = await matches(password, digest)
        async with ada.database.transaction() as tx:
            await users.set_password(tx, user.id, new_digest, ada.now)
        return found

    ada.means.passwords.matches = slowly  # type: ignore[method-assign]
    assert (await refusal(ada, GOOD))[0] is Problem.SIGN_IN_REFUSED


async def test_without_a_password_nobody_gets_in(acme: Platform) -> None:
    """Lesson 74."""
    await acme.add_user(password=None)
    for password in ("", "None", "null", PASSWORD):
        tried = await refusal(acme, replace(GOOD, password=password))
        assert tried[0] is Problem.SIGN_IN_REFUSED


async def test_the_organisation_of_the_address_decides(ada: Platform) -> None:
    """Lesson 30: one address in two organisations is never a silent first one."""
    await ada.add_organisation(GLOBEX, "Globex")
    there = await ada.add_user(organisation=GLOBEX)
    done = await login(ada, replace(GOOD, organisation_id=GLOBEX))
    assert done.session.user == there
    asked = await enter(ada)
    assert isinstance(asked, Entry)
    assert len(asked.candidates) == 2


async def test_without_an_organisation_the_one_that_the_password_fits_is_taken(
    ada: Platform,
) -> None:
    await ada.add_organisation(GLOBEX, "Globex")
    await ada.add_user(organisation=GLOBEX, password="another long password")
    done = await login(ada, replace(GOOD, password="another long password"))
    assert done.session.user.organisation_id == GLOBEX


async def test_a_second_login_in_a_browser_ends_the_first(ada: Platform) -> None:
    """Lessons 38, 39: the secret changes, and the session before is over."""
    await ada.add_user("eve@acme.example")
    first = await login(ada)
    second = await login(ada, replace(GOOD, email="eve@acme.example", old_session=first.secret))
    assert second.secret != first.secret
    assert await sessions.find(ada.database, first.secret, ada.now) is None
    found = await sessions.find(ada.database, second.secret, ada.now)
    assert found is not None
    assert found.user.email == "eve@acme.example"


async def test_a_full_queue_is_busy_not_wrong(ada: Platform) -> None:
    async def full(_password: str, _digest: str | None) -> bool:
        raise PasswordsBusy

    ada.means.passwords.matches = full  # type: ignore[method-assign]
    with pytest.raises(PasswordsBusy):
        await login(ada)


def test_an_attempt_and_its_result_hide_their_secrets() -> None:
    shown = repr(replace(GOOD, old_session="old-secret", known_browser="sealed"))
    assert PASSWORD not in shown
    assert "old-secret" not in shown
    assert "sealed" not in shown
