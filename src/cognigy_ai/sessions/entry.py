"""A login between its password and its session: each step looks at the tables, and goes on.

Nothing is stored of it: the browser carries the `Entry`, sealed.
"""

from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

from cognigy_ai.audit import actions as audit
from cognigy_ai.problems import Problem
from cognigy_ai.second_factors import actions as second_factors
from cognigy_ai.second_factors.actions import SEALED_FOR, Judge, Method
from cognigy_ai.sessions import refusals, steps, store
from cognigy_ai.sessions.admission import Proved, admit
from cognigy_ai.sessions.means import LoginMeans
from cognigy_ai.sessions.rules import (
    WITH_ONE_TIME_PASSWORD,
    WITH_RECOVERY_CODE,
    Arrival,
    LoggedIn,
)
from cognigy_ai.sessions.steps import Candidate, Entry, EntryStep
from cognigy_ai.users import actions as users
from cognigy_ai.users import logins, passwords
from cognigy_ai.users.passwords import NewPassword
from cognigy_ai.users.rules import User
from cognigy_ai.users.standing import Standing
from kernel.db import Tx
from kernel.log import get_logger
from kernel.opaque import fingerprint
from kernel.outbox import Outbox
from kernel.problems import ProblemError

log = get_logger(__name__)

AMR_OF_METHOD = {
    Method.ONE_TIME_PASSWORD: WITH_ONE_TIME_PASSWORD,
    Method.RECOVERY_CODE: WITH_RECOVERY_CODE,
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a login under way stands: who it may be, and what is due for the one it is."""

    entry: Entry
    people: tuple[User, ...]
    standings: tuple[Standing, ...]

    @property
    def due(self) -> tuple[EntryStep, ...]:
        if len(self.people) > 1:
            return (EntryStep.ORGANISATION,)
        return steps.due(self.entry, self.standings[0])

    @property
    def user(self) -> User:
        return self.people[0]

    @property
    def proved(self) -> Proved:
        digest = self.standings[0].password_digest
        assert digest is not None
        return Proved(self.people[0], digest, digest)


async def find_place(db: Tx, entry: Entry) -> Place | None:
    """Whoever changed the password, may not log in any more or was signed out is no candidate.

    None: nobody is, or the login is done and its cookie was kept or stolen.
    """
    if await store.has_begun(db, fingerprint(entry.nonce)):
        return None
    asked = [candidate.user_id for candidate in entry.candidates]
    standings = await logins.list_standings(db, asked)
    people = {user.id: user for user in await users.list_several(db, asked)}
    same = [
        (people[candidate.user_id], standings[candidate.user_id])
        for candidate in entry.candidates
        if candidate.user_id in people
        and candidate.user_id in standings
        and _is_same(candidate, standings[candidate.user_id])
    ]
    if not same:
        return None
    return Place(entry, tuple(user for user, _ in same), tuple(standing for _, standing in same))


def _is_same(candidate: Candidate, standing: Standing) -> bool:
    digest, revision = standing.password_digest, standing.access_revision
    return (
        digest is not None
        and fingerprint(digest) == candidate.digest_mark
        and revision == candidate.access_revision
    )


async def note_over(means: LoginMeans, entry: Entry, arrival: Arrival, now: int) -> None:
    """Nobody is a candidate any more: that is how this login ended."""
    async with means.database.transaction() as tx:
        for candidate in entry.candidates:
            await refusals.record(tx, candidate.user_id, refusals.OVERTAKEN, arrival, now)


async def choose(
    means: LoginMeans, place: Place, organisation_id: str, arrival: Arrival, now: int
) -> LoggedIn | Entry | None:
    """One of the organisations whose password was proved; None for any other."""
    for user, standing in zip(place.people, place.standings, strict=True):
        if user.organisation_id == organisation_id:
            candidates = tuple(c for c in place.entry.candidates if c.user_id == user.id)
            passed = (*place.entry.passed, EntryStep.ORGANISATION)
            entry = replace(place.entry, candidates=candidates, passed=passed)
            return await go_on(means, Place(entry, (user,), (standing,)), arrival, now)
    return None


async def go_on(means: LoginMeans, place: Place, arrival: Arrival, now: int) -> LoggedIn | Entry:
    """Begin the session if nothing is due any more. Raises SIGN_IN_OVER."""
    async with refusals.kept(means, [place.user.id], now, arrival):
        async with means.database.transaction() as tx:
            done = await admit(tx, means, place.entry, place.proved, arrival, now)
        return _unless_over(done, place)


async def prove_code(
    means: LoginMeans, place: Place, typed: str, arrival: Arrival, now: int
) -> LoggedIn | Entry:
    """A one-time password or a recovery code; spent with the very session that it begins.

    Raises CODE_WRONG, TOO_MANY_ATTEMPTS or SIGN_IN_OVER.
    """
    user, done = place.user, None
    async with means.database.transaction() as tx:
        judge = Judge(means.keyring, means.locks)
        verdict = await second_factors.prove(tx, judge, user.id, typed, now)
        if verdict.method is None:
            because = refusals.CODES_LOCKED if verdict.locked_until else refusals.CODE_WRONG
            await refusals.record(tx, user.id, because, arrival, now)
        else:
            passed = (*place.entry.passed, EntryStep.CODE)
            entry = replace(place.entry, amr=AMR_OF_METHOD[verdict.method], passed=passed)
            done = await admit(tx, means, entry, place.proved, arrival, now)
    if verdict.method is None:
        log.info("login.refused", reason=because, user_id=user.id, reference=arrival.reference)
        if verdict.locked_until:
            wait = verdict.locked_until - now
            raise ProblemError(Problem.TOO_MANY_ATTEMPTS, retry_after=wait, user_id=user.id)
        raise ProblemError(Problem.CODE_WRONG, user_id=user.id)
    async with refusals.kept(means, [user.id], now, arrival):
        return _unless_over(done, place)


def with_secret(entry: Entry) -> Entry:
    """The same with a secret for the authenticator app; one that it has stays."""
    return entry if entry.secret else replace(entry, secret=second_factors.new_secret())


async def set_up_two_step(
    means: LoginMeans, outbox: Outbox, place: Place, typed: str, arrival: Arrival, now: int
) -> Entry:
    """The first password of the app: two-step login is on, and this login is made with it.

    Only for somebody who has none: who has one is asked for its code. Raises CODE_WRONG or
    TWO_STEP_CHANGED.
    """
    entry, user = place.entry, place.user
    step = second_factors.check_first(entry.secret, typed, now)
    sealed = means.keyring.seal(SEALED_FOR, entry.secret)
    async with refusals.kept(means, [user.id], now, arrival), means.database.transaction() as tx:
        if await logins.note_password(tx, user.id, *_digests(place)) is None:
            raise ProblemError(Problem.SIGN_IN_OVER, user_id=user.id)
        with _acting(user):
            codes = await second_factors.set_up(tx, outbox, user, (sealed, step), now)
    passed = (*entry.passed, EntryStep.SET_UP)
    return replace(
        entry, amr=WITH_ONE_TIME_PASSWORD, secret="", recovery_codes=codes, passed=passed
    )


async def keep_codes(
    means: LoginMeans, place: Place, arrival: Arrival, now: int
) -> LoggedIn | Entry:
    """The person has written the recovery codes down: nobody shows them again."""
    passed = (*place.entry.passed, EntryStep.KEEP_CODES)
    entry = replace(place.entry, recovery_codes=(), passed=passed)
    return await go_on(means, replace(place, entry=entry), arrival, now)


async def is_present_password(means: LoginMeans, place: Place, typed: str) -> bool:
    """A new password has to be another one."""
    return await means.passwords.matches(typed, place.proved.digest)


async def set_password(
    means: LoginMeans, outbox: Outbox, place: Place, new: NewPassword, arrival: Arrival, now: int
) -> Place:
    """The password that was asked for; the caller has judged it. Every session ends.

    Then `go_on` with the place that is returned. Raises SIGN_IN_OVER or POLICY_CHANGED.
    """
    user, digest_read = place.user, place.proved.digest
    digest = await means.passwords.digest(new.text)
    async with refusals.kept(means, [user.id], now, arrival), means.database.transaction() as tx:
        await passwords.check_policy(tx, user.organisation_id, new.policy)
        with _acting(user):
            changed = await users.change_password(tx, user, digest, digest_read, now, "")
        if not changed:
            raise ProblemError(Problem.SIGN_IN_OVER, user_id=user.id)
        await passwords.tell_of_change(tx, outbox, user, now)
        revision = (await users.get(tx, user.id)).access_revision
    candidate = Candidate(user.id, fingerprint(digest), revision)
    passed = (*place.entry.passed, EntryStep.NEW_PASSWORD)
    entry = replace(place.entry, candidates=(candidate,), passed=passed)
    standing = replace(
        place.standings[0],
        password_digest=digest,
        must_change_password=False,
        access_revision=revision,
    )
    return Place(entry, (user,), (standing,))


def _acting(user: User) -> AbstractContextManager[None]:
    """The person does it, although there is no session yet."""
    return audit.acting(audit.Actor(audit.USER, user.id))


def _digests(place: Place) -> tuple[str, str]:
    return place.proved.digest_read, place.proved.digest


def _unless_over(done: LoggedIn | Entry | None, place: Place) -> LoggedIn | Entry:
    if done is None:
        raise ProblemError(Problem.SIGN_IN_OVER, user_id=place.user.id)
    return done
