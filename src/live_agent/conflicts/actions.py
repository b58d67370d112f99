"""The queue of conflicts: noted by logins and signals, decided by administrators.

Whoever decides holds the row that a login of the same person locks first (ADR 0020): two
administrators, or an administrator and a login, never pass each other.
"""

import json
from dataclasses import dataclass
from typing import Any

from kernel.db import Database, Tx
from kernel.emails import email_key
from kernel.opaque import new_id
from kernel.problems import ProblemError
from live_agent.accounts import actions as accounts
from live_agent.agents import actions as agents
from live_agent.agents import identities
from live_agent.agents.rules import User
from live_agent.audit import actions as audit
from live_agent.conflicts import rules
from live_agent.conflicts.rules import DAY, Case, Decision, Dispute, Outcome, Verdict
from live_agent.conflicts.store import decisions, queue
from live_agent.problems import Problem
from live_agent.subjects import actions as subjects

LISTED_SECONDS = 30 * DAY
MOST_LISTED = 500
KEPT_SECONDS = 180 * DAY


@dataclass(frozen=True, slots=True)
class Ruling:
    """What somebody decides; `by` is an administrator of the account, or None: the operator."""

    account_id: int
    conflict_id: str
    outcome: Outcome
    user_id: str | None
    reason: str
    by: str | None
    seen: tuple[str, ...] | None = None  # the candidates that the page showed


@dataclass(frozen=True, slots=True)
class File:
    """A case with all that is needed to decide it."""

    case: Case
    candidates: tuple[User, ...]
    owner: User | None  # whom the identity is here, with `address_held`
    choices: tuple[str, ...]
    decisions: tuple[Decision, ...]  # the newest first
    needs_second: bool

    def open_decision(self, now: int) -> Decision | None:
        return next((one for one in self.decisions if one.is_open(now)), None)

    def is_party(self, user_id: str) -> bool:
        return rules.is_party(user_id, self.owner.id if self.owner else None, self.case)


async def note(tx: Tx, dispute: Dispute, reference: str, now: int) -> None:
    """An identity stands against a user (again)."""
    await queue.note(tx, dispute, reference, now)


async def list_open(database: Tx | Database) -> list[dict[str, Any]]:
    """What waits in all accounts, the newest first, for the operator."""
    rows = [dict(row) for row in await queue.list_open(database)]
    return [row | {"user_ids": json.loads(row["user_ids"])} for row in rows]


async def list_of_account(
    db: Tx | Database, account_id: int, now: int
) -> list[tuple[Case, Decision | None]]:
    """The account's cases: open ones first, then what was decided in the last month."""
    cases = await queue.list_of_account(db, account_id, now - LISTED_SECONDS, MOST_LISTED)
    found = await decisions.list_open(db, account_id)
    by_case = {one.conflict_id: one for one in found if one.is_open(now)}
    return [(case, by_case.get(case.id)) for case in cases]


async def get(db: Tx | Database, account_id: int, conflict_id: str) -> File:
    """One case of the account; raises PAGE_NOT_FOUND."""
    case = await queue.get(db, account_id, conflict_id)
    account = await accounts.find(db, account_id)
    if case is None or account is None:
        raise ProblemError(Problem.PAGE_NOT_FOUND, conflict_id=conflict_id)
    found = [await agents.get(db, account_id, one) for one in case.user_ids]
    candidates = tuple(one for one in found if one is not None)
    owner = await identities.find_owner(db, account_id, (case.issuer, case.subject))
    complete = len(candidates) == len(case.user_ids)
    return File(
        case=case,
        candidates=candidates,
        owner=owner,
        choices=rules.choices(case, candidates, linking=account.linking) if complete else (),
        decisions=tuple(await decisions.list_of_conflict(db, account_id, conflict_id)),
        needs_second=account.second_approval,
    )


async def decide(database: Database, ruling: Ruling, now: int) -> Decision:
    """Decide a case; in force at once, or when a second administrator has approved."""
    async with database.transaction() as tx:
        file = await _hold(tx, ruling.account_id, ruling.conflict_id, now)
        _check(file, ruling, now)
        waits = file.needs_second and ruling.by is not None
        decision_id = await _add(tx, file, ruling, waits=waits, now=now)
        if not waits:
            await queue.resolve(tx, file.case.id, now)
        await _record(tx, "conflict.proposed" if waits else "conflict.decided", file, ruling, now)
        found = await decisions.list_of_conflict(tx, ruling.account_id, ruling.conflict_id)
    return next(one for one in found if one.id == decision_id)


async def approve(
    database: Database, account_id: int, conflict_id: str, decision_id: str, by: str, now: int
) -> None:
    """The second administrator agrees; never the one who proposed it, and no party."""
    async with database.transaction() as tx:
        file = await _hold(tx, account_id, conflict_id, now)
        waiting = _open_one(file, decision_id, now)
        if waiting.approved_at is not None:
            raise ProblemError(Problem.CONFLICT_DECIDED)
        if file.is_party(by) or waiting.decided_by == by:
            raise ProblemError(Problem.CONFLICT_YOURS)
        still = waiting.outcome is not Outcome.LINK or waiting.user_id in file.choices
        until = rules.expires_at(file.case.kind, waiting.outcome, now)
        if not still or not await decisions.approve(tx, decision_id, by, until, now):
            raise ProblemError(Problem.CONFLICT_DECIDED)
        await queue.resolve(tx, conflict_id, now)
        await _note(tx, "conflict.approved", file.case, decision_id, by, now)


async def take_back(
    database: Database,
    account_id: int,
    conflict_id: str,
    decision_id: str,
    by: str | None,
    now: int,
) -> None:
    """Withdraw or decline a decision that nobody followed yet; the conflict is one again."""
    async with database.transaction() as tx:
        file = await _hold(tx, account_id, conflict_id, now)
        taken = _open_one(file, decision_id, now)
        if by is not None and file.is_party(by):
            raise ProblemError(Problem.CONFLICT_YOURS)
        declined = taken.approved_at is None and taken.decided_by != by
        event = "conflict.declined" if declined else "conflict.withdrawn"
        because = event.removeprefix("conflict.")
        if not await decisions.end(tx, decision_id, because, by, now):
            raise ProblemError(Problem.CONFLICT_DECIDED)
        await queue.resolve(tx, conflict_id, None)
        await _note(tx, event, file.case, decision_id, by, now)


async def reject(
    tx: Tx, dispute: Dispute, reason: str, by: str | None, reference: str, now: int
) -> None:
    """The identity gets in as nobody, until somebody takes that back; the caller holds its row."""
    await queue.note(tx, dispute, reference, now)
    case = await queue.find(tx, dispute)
    assert case is not None
    file = await get(tx, dispute.account_id, case.id)
    ruling = Ruling(dispute.account_id, case.id, Outcome.REJECT, None, reason, by)
    await _add(tx, file, ruling, waits=False, now=now)
    await queue.resolve(tx, case.id, now)
    await _record(tx, "conflict.decided", file, ruling, now)


async def find_verdict(
    tx: Tx, account_id: int, identity: tuple[str, str], email: str | None, now: int
) -> Verdict | None:
    """What is in force for the identity that comes with that address."""
    key = email_key(email) if email else ""
    return await decisions.find_in_force(tx, account_id, identity, key, now)


async def list_verdicts(
    db: Tx | Database, account_id: int, issuer: str, now: int
) -> list[tuple[str, str, Verdict]]:
    """Subject, address and what is in force, for whoever foresees many logins at once."""
    return await decisions.list_in_force(db, account_id, issuer, now)


async def spend(tx: Tx, decision_id: str, now: int) -> bool:
    """The person came and the decision was carried out: once."""
    return await decisions.end(tx, decision_id, "used", None, now)


async def delete_of_account(tx: Tx, account_id: int) -> None:
    """The queue of a deleted account."""
    await queue.delete_of_account(tx, account_id)


async def prune(database: Tx | Database, now: int) -> int:
    """Names and addresses of cases that were settled half a year ago go; the ledger stays."""
    return await queue.prune(database, now - KEPT_SECONDS)


async def _hold(tx: Tx, account_id: int, conflict_id: str, now: int) -> File:
    """The case, locked for everybody who decides it and for the person's own login."""
    case = await queue.get(tx, account_id, conflict_id)
    if case is None:
        raise ProblemError(Problem.PAGE_NOT_FOUND, conflict_id=conflict_id)
    await subjects.note(tx, case.issuer, case.subject, None, now)
    return await get(tx, account_id, conflict_id)


def _check(file: File, ruling: Ruling, now: int) -> None:
    if ruling.by is not None and file.is_party(ruling.by):
        raise ProblemError(Problem.CONFLICT_YOURS)
    if file.case.resolved_at is not None or file.open_decision(now) is not None:
        raise ProblemError(Problem.CONFLICT_DECIDED)
    if ruling.seen is not None and frozenset(ruling.seen) != frozenset(file.case.user_ids):
        raise ProblemError(Problem.CONFLICT_DECIDED)
    if ruling.outcome is Outcome.LINK and ruling.user_id not in file.choices:
        raise ProblemError(Problem.CONFLICT_DECIDED)
    if ruling.outcome is Outcome.REJECT and not rules.can_be_rejected(file.case.kind):
        raise ProblemError(Problem.CONFLICT_DECIDED)


def _open_one(file: File, decision_id: str, now: int) -> Decision:
    decision = file.open_decision(now)
    if decision is None or decision.id != decision_id:
        raise ProblemError(Problem.CONFLICT_DECIDED)
    return decision


async def _add(tx: Tx, file: File, ruling: Ruling, *, waits: bool, now: int) -> str:
    case, decision_id = file.case, new_id("de_")
    await decisions.clear(tx, case.account_id, (case.issuer, case.subject), now)
    await decisions.add(
        tx,
        {
            "id": decision_id,
            "conflict_id": case.id,
            "account_id": case.account_id,
            "kind": case.kind.value,
            "issuer": case.issuer,
            "subject": case.subject,
            "email_key": case.email_key,
            "user_ids": json.dumps(case.user_ids),
            "outcome": ruling.outcome.value,
            "user_id": ruling.user_id if ruling.outcome is Outcome.LINK else None,
            "reason": ruling.reason,
            "decided_by": ruling.by,
            "decided_at": now,
            "approved_by": None,
            "approved_at": None if waits else now,
            "expires_at": rules.expires_at(case.kind, ruling.outcome, now),
            "ended_at": None,
            "ended_because": None,
            "ended_by": None,
        },
    )
    return decision_id


async def _record(tx: Tx, event: str, file: File, ruling: Ruling, now: int) -> None:
    await audit.record(
        tx,
        event,
        now,
        reference=file.case.reference,
        user_id=ruling.by,
        account_id=file.case.account_id,
        conflict_id=file.case.id,
        outcome=ruling.outcome.value,
        linked_to=ruling.user_id if ruling.outcome is Outcome.LINK else None,
        by="operator" if ruling.by is None else "administrator",
    )


async def _note(tx: Tx, event: str, case: Case, decision_id: str, by: str | None, now: int) -> None:
    await audit.record(
        tx,
        event,
        now,
        reference=case.reference,
        user_id=by,
        account_id=case.account_id,
        conflict_id=case.id,
        decision_id=decision_id,
    )
