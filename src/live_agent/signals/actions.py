"""Applying what the platform tells: idempotent, and never backwards (DESIGN section 3 rule 6)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from kernel.db import Database, Row, Tx, UniqueViolation
from kernel.emails import email_key, is_address
from kernel.log import get_logger
from kernel.opaque import new_reference
from live_agent.agents import actions as agents
from live_agent.agents.changes import Changes, record_changes
from live_agent.agents.rules import joined
from live_agent.audit import actions as audit
from live_agent.cognigy_api.claim_names import claim_names
from live_agent.cognigy_api.rules import claims as claim_rules
from live_agent.cognigy_api.rules.claims import ClaimNames
from live_agent.conflicts import actions as conflicts
from live_agent.conflicts.rules import Conflict, Dispute
from live_agent.settings import Settings
from live_agent.signals import store
from live_agent.signals.endings import end_of_organisation, record_ended
from live_agent.signals.rules.event import Kind, Signal
from live_agent.signals.rules.logout import Logout
from live_agent.subjects import actions as subjects

log = get_logger(__name__)

Claims = Mapping[str, Any]

MOST_ATTEMPTS = 3
APPLIED, REPEATED, OVERTAKEN, NOTHING = "applied", "repeated", "overtaken", "nothing"
LOGGED_OUT, SIGNED_OUT = "logout", "signed_out"
BECAUSE = {
    Kind.SESSION_REVOKED: "revoked",
    Kind.ACCOUNT_DISABLED: "user_disabled",
    Kind.ACCOUNT_PURGED: "user_deleted",
    Kind.CLAIMS_CHANGED: "roles_taken",
}


@dataclass(frozen=True, slots=True)
class Terms:
    """How signals are applied in this installation."""

    names: ClaimNames
    erase_after_seconds: int


def terms_of(settings: Settings) -> Terms:
    """From the settings."""
    return Terms(claim_names(settings), settings.erase_deleted_users_after_days * 86_400)


async def apply(database: Database, signal: Signal, terms: Terms, reference: str, now: int) -> str:
    """Apply one signal; returns what became of it. Repeating it changes nothing."""
    for attempt in range(MOST_ATTEMPTS):
        try:
            async with database.transaction() as tx:
                outcome = await _apply(tx, signal, terms, reference, now)
        except UniqueViolation:  # somebody took the address in this very moment
            if attempt == MOST_ATTEMPTS - 1:
                raise
            continue
        break
    log.info(
        "signal.received",
        kind=signal.kind.name.lower() if signal.kind else "unknown",
        jti=signal.jti,
        outcome=outcome,
        reference=reference,
    )
    return outcome


async def log_out(database: Database, issuer: str, logout: Logout, reference: str, now: int) -> str:
    """Somebody signed out at the provider: end what was begun there; repeating changes nothing."""
    async with database.transaction() as tx:
        if not await store.spend(tx, issuer, logout.jti, logout.expires_at):
            return REPEATED
        ending = store.Ending(LOGGED_OUT, reference, now)
        if logout.sid is not None:
            ended = await store.end_sessions_of_sid(tx, issuer, logout.sid, ending)
        else:
            assert logout.subject is not None
            ended = await store.end_sessions_of_identity(
                tx,
                (issuer, logout.subject),
                access_revision=None,
                begun_until=now,
                ending=ending,
            )
        await record_ended(tx, ended, ending)
    return APPLIED if ended else NOTHING


async def refresh(
    tx: Tx, identity: tuple[str, str], claims: Mapping[str, Any], terms: Terms, now: int
) -> bool:
    """What an ID token says that came with a refresh; False if all roles are gone."""
    issuer, subject = identity
    signal = Signal(
        kind=Kind.CLAIMS_CHANGED,
        jti="",
        issued_at=now,
        issuer=issuer,
        subject=subject,
        session=None,
        organisation=None,
        access_revision=claim_rules.revision_said(claims),
        claims=claims,
    )
    reference = new_reference()
    highest = await subjects.note(tx, issuer, subject, signal.access_revision, now)
    if signal.access_revision is None or signal.access_revision >= highest:
        await _change_access(tx, signal, Kind.CLAIMS_CHANGED, terms, reference, now)
    return bool(claim_rules.roles_said(claims, terms.names))


async def take_over(tx: Tx, signal: Signal, terms: Terms, reference: str, now: int) -> str:
    """What the platform answered when it was asked, applied as if it had told it."""
    assert signal.kind is not None
    issuer, subject = _identity(signal)
    revision = signal.access_revision
    highest = await subjects.note(tx, issuer, subject, revision, now)
    if revision is not None and revision < highest:
        return OVERTAKEN
    await _change_access(tx, signal, signal.kind, terms, reference, now)
    return APPLIED


def revision_of(claims: Claims) -> int | None:
    """The `access_revision` of an ID token."""
    return claim_rules.revision_said(claims)


async def prune(database: Tx | Database, now: int) -> int:
    """Forget tokens that are too old to be believed again."""
    return await store.prune(database, now)


async def erase_due(database: Database, now: int) -> int:
    """Erase what is left of people who were deleted so long ago; returns how many there were."""
    async with database.transaction() as tx:
        erased = await store.erase_due(tx, now)
        for row in erased:
            await audit.record(
                tx, "user.erased", now, user_id=row["id"], account_id=row["account_id"]
            )
    return len(erased)


async def _apply(tx: Tx, signal: Signal, terms: Terms, reference: str, now: int) -> str:
    if signal.kind is None or signal.kind is Kind.CREDENTIAL_CHANGED:
        return NOTHING  # a credential that changed ends nothing by itself: a revocation comes too
    if not await store.spend(tx, signal.issuer, signal.jti, signal.expires_at):
        return REPEATED
    revision, highest = signal.access_revision, 0
    if signal.subject is not None:
        highest = await subjects.note(tx, signal.issuer, signal.subject, revision, now)
    if signal.kind is Kind.SESSION_REVOKED and signal.session is not None:
        ending = store.Ending(SIGNED_OUT, reference, now, signal.changed_ms)
        ended = await store.end_sessions_of_sid(tx, signal.issuer, signal.session, ending)
        await record_ended(tx, ended, ending)
        return APPLIED
    if signal.subject is None:
        return APPLIED if await end_of_organisation(tx, signal, reference, now) else NOTHING
    if revision is not None and revision < highest:
        return OVERTAKEN
    await _change_access(tx, signal, signal.kind, terms, reference, now)
    return APPLIED


async def _change_access(
    tx: Tx, signal: Signal, kind: Kind, terms: Terms, reference: str, now: int
) -> None:
    identity = _identity(signal)
    if kind is Kind.ACCOUNT_ENABLED:
        return  # the revision is noted; the person logs in when they want to
    if kind is Kind.CLAIMS_CHANGED:
        roles = claim_rules.roles_said(signal.claims, terms.names)
        if roles is None or roles:
            await _refresh(tx, signal, roles, reference, now)
            return
        for row in await store.list_owned(tx, identity):
            user = await agents.get(tx, row["account_id"], row["id"])
            assert user is not None
            none_left = Changes(user.email, user.name, ())
            await record_changes(tx, user, none_left, now, reference)
        await store.take_roles(tx, identity, signal.access_revision or 0)
    elif signal.access_revision is not None:
        await store.note_revision(tx, identity, signal.access_revision)
    await _end_of_identity(tx, signal, BECAUSE[kind], reference, now)
    if kind is Kind.ACCOUNT_PURGED:
        for row in await store.purge(tx, identity, now + terms.erase_after_seconds, now):
            await _record(tx, "user.deleted", row, reference, now)


async def _end_of_identity(tx: Tx, signal: Signal, because: str, reference: str, now: int) -> None:
    identity = _identity(signal)
    revision = signal.access_revision
    # Roles that are gone end what knew of them too: nobody has begun a session without a role.
    if because != BECAUSE[Kind.SESSION_REVOKED] and revision is not None:
        revision += 1
    ending = store.Ending(because, reference, now, signal.changed_ms)
    ended = await store.end_sessions_of_identity(
        tx,
        identity,
        access_revision=revision,
        begun_until=signal.issued_at,
        ending=ending,
    )
    await store.end_tokens_of_identity(tx, identity, now)
    await record_ended(tx, ended, ending)


async def _refresh(
    tx: Tx, signal: Signal, roles: tuple[str, ...] | None, reference: str, now: int
) -> None:
    """Roles, name and address as they are now; the session goes on with them."""
    for row in await store.list_owned(tx, _identity(signal)):
        user = await agents.get(tx, row["account_id"], row["id"])
        assert user is not None
        name = claim_rules.name_said(signal.claims) or user.name
        told = Changes(user.email, name, user.roles if roles is None else roles)
        email = await _address(tx, signal, row, told, reference, now)
        new = replace(told, email=email)
        await record_changes(tx, user, new, now, reference)
        await store.change(
            tx,
            user.id,
            new_email=email,
            new_email_key=email_key(email) if email else user.id,
            new_name=name,
            new_roles=joined(new.roles),
            access_revision=max(signal.access_revision or 0, user.access_revision),
        )


async def _address(
    tx: Tx, signal: Signal, row: Row, told: Changes, reference: str, now: int
) -> str:
    """The new address, unless a colleague holds it: then an administrator decides."""
    given = signal.claims.get("email")
    held: str = row["email"]
    if not isinstance(given, str) or not is_address(given) or email_key(given) == row["email_key"]:
        return held
    same = await agents.list_by_email(tx, row["account_id"], given)
    others = tuple(user.id for user in same if user.id != row["id"])
    if not others:
        return given
    dispute = Dispute(
        row["account_id"],
        Conflict.ADDRESS_HELD,
        *_identity(signal),
        given,
        others,
        name=told.name,
        email_verified=signal.claims.get("email_verified") is True,
        roles=tuple(told.roles),
    )
    await conflicts.note(tx, dispute, reference, now)
    return held


def _identity(signal: Signal) -> tuple[str, str]:
    assert signal.subject is not None
    return signal.issuer, signal.subject


async def _record(tx: Tx, event: str, row: Row, reference: str, now: int, **details: Any) -> None:
    await audit.record(
        tx,
        event,
        now,
        reference=reference,
        user_id=row["id"],
        account_id=row["account_id"],
        **details,
    )
