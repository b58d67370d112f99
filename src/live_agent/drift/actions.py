"""The report of differences, and taking over what the platform says.

A reading is older than the moment in which it is used. So nothing of it is believed that the desk
knows to be overtaken: each person is taken over in a transaction of their own, under the same lock
and by the same revision as a signal of the platform (`signals`).
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from kernel.db import Database, DatabaseUnavailable, Tx, UniqueViolation
from kernel.log import get_logger
from kernel.problems import ProblemError
from live_agent.accounts import actions as accounts
from live_agent.accounts.rules import Account
from live_agent.agents import actions as agents
from live_agent.agents import identities
from live_agent.agents.rules import ROLES
from live_agent.audit import actions as audit
from live_agent.cognigy_api.rules.claims import ClaimNames
from live_agent.drift import store
from live_agent.drift.rules import Difference, Kind, compare
from live_agent.platform_people import actions as platform_people
from live_agent.platform_people.rules import Reading
from live_agent.problems import Problem
from live_agent.settings import Settings
from live_agent.signals import actions as signals
from live_agent.signals.actions import OVERTAKEN, Terms
from live_agent.signals.rules.event import Kind as SignalKind
from live_agent.signals.rules.event import Signal
from live_agent.subjects import actions as subjects

__all__ = ["Kind", "Report", "Settled", "report", "settle"]

log = get_logger(__name__)

# A reading's roles are Live Agent's own already.
_NAMES = ClaimNames("organisation", "roles", {role: role for role in ROLES})
_KINDS = {Kind.GONE: SignalKind.ACCOUNT_PURGED, Kind.DISABLED: SignalKind.ACCOUNT_DISABLED}


class Tools(Protocol):
    """What settling works with; an application's State is one."""

    @property
    def settings(self) -> Settings: ...
    @property
    def database(self) -> Database: ...


@dataclass(frozen=True, slots=True)
class Report:
    """What differs, as of `reading.read_at`; None there: the platform was never read."""

    reading: Reading
    differences: list[Difference]

    @property
    def settleable(self) -> list[Difference]:
        return [one for one in self.differences if one.can_be_settled]


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a settling: how many were taken over, and how many were left as they are.

    Those had changed meanwhile, are the last administrator, or the database did not answer.
    """

    done: int
    overtaken: int


async def report(database: Database, account: Account, issuer: str, now: int) -> Report:
    """Nothing is asked of the platform here: see `platform_people.Readings`."""
    reading = await platform_people.find_reading(database, account.id, now)
    if reading.read_at is None:
        return Report(reading, [])
    people = await platform_people.list_people(database, account.id)
    users = await agents.list_users(database, account.id)
    with_access = await store.list_with_access(database, account.id, now)
    return Report(reading, compare(issuer, users, people, with_access))


async def settle(
    tools: Tools, account: Account, chosen: Collection[str] | None, reference: str, now: int
) -> Settled:
    """Take over what the platform said of these users (None: of all); a crash leaves each person
    either taken over or not.
    """
    found = await report(tools.database, account, tools.settings.issuer, now)
    wanted = [one for one in found.settleable if chosen is None or one.id in chosen]
    done = overtaken = 0
    for one in wanted:
        try:
            settled = await _settle_patiently(tools, one, found.reading, reference, now)
        except DatabaseUnavailable as error:  # what was done is told; the others stay listed
            log.warning("drift.not_settled", cause=repr(error), reference=reference)
            break
        done, overtaken = done + settled, overtaken + (not settled)
    left = len(wanted) - done - overtaken
    return Settled(done, overtaken + left)


async def _settle_patiently(
    tools: Tools, one: Difference, reading: Reading, reference: str, now: int
) -> bool:
    """Once more if the database broke it off: a deadlock is over by then."""
    try:
        return await _settle_one(tools, one, reading, reference, now)
    except DatabaseUnavailable:
        return await _settle_one(tools, one, reading, reference, now)


async def _settle_one(
    tools: Tools, one: Difference, reading: Reading, reference: str, now: int
) -> bool:
    assert reading.read_at is not None
    try:
        async with tools.database.transaction() as tx:
            if one.person is None and await _came_since(tx, one, reading.read_at, now):
                return False
            signal = _signal_of(one, reading.read_at)
            terms = Terms(_NAMES, signals.terms_of(tools.settings).erase_after_seconds)
            outcome = await signals.take_over(tx, signal, terms, reference, now)
            if outcome == OVERTAKEN:
                return False
            await _write_down(tx, one, reference, now)
    except UniqueViolation:  # somebody took the address in this very moment
        return False
    except ProblemError as error:
        if error.problem is not Problem.LAST_ADMINISTRATOR:
            raise
        return False  # undone: an account that nobody leads could not be mended from within
    return True


async def _write_down(tx: Tx, one: Difference, reference: str, now: int) -> None:
    assert one.user is not None
    if one.person is None:
        await identities.check_not_last(tx, one.user)
    await audit.record(
        tx,
        "drift.settled",
        now,
        reference=reference,
        user_id=one.user.id,
        account_id=one.user.account_id,
        kinds=[line.kind.code for line in one.lines],
    )


async def _came_since(tx: Tx, one: Difference, read_at: int, now: int) -> bool:
    """Whoever logged in after the reading began was not gone.

    The account is locked first, as everywhere, then the row that a login of the identity locks
    first: one that comes at this moment is seen, or finds what was done here.
    """
    assert one.user is not None
    assert one.user.issuer is not None
    assert one.user.subject is not None
    await accounts.lock(tx, one.user.account_id)
    await subjects.note(tx, one.user.issuer, one.user.subject, None, now)
    user = await agents.get(tx, one.user.account_id, one.user.id)
    return user is None or (user.last_login_at or 0) >= read_at


def _signal_of(one: Difference, read_at: int) -> Signal:
    """As if the platform had told it at the time of the reading."""
    assert one.user is not None
    assert one.user.issuer is not None
    kind = _KINDS.get(one.lines[0].kind, SignalKind.CLAIMS_CHANGED)
    person = one.person
    claims = {}
    if person is not None and kind is SignalKind.CLAIMS_CHANGED:
        claims = {"roles": list(person.roles), "email": person.email, "name": person.name}
    return Signal(
        kind=kind,
        jti="",
        issued_at=read_at,
        issuer=one.user.issuer,
        subject=one.user.subject,
        session=None,
        organisation=None,
        access_revision=None if person is None else person.access_revision,
        claims=claims,
    )
