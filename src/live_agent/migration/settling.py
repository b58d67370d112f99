"""The transaction of a login: load, decide, write. Called by the actions alone."""

from dataclasses import replace

from kernel.db import Tx
from live_agent.accounts import actions as accounts
from live_agent.agents import actions as agents
from live_agent.agents.rules import User
from live_agent.audit import actions as audit
from live_agent.migration import pending, store
from live_agent.migration.arrival import (
    Arrival,
    Entered,
    LinkNeeded,
    Overtaken,
    Tools,
    identity_of,
)
from live_agent.migration.rules import (
    Conflict,
    Decision,
    Dispute,
    Known,
    PlatformLogin,
    Refusal,
    Step,
    decide,
)
from live_agent.sessions import actions as sessions
from live_agent.subjects import actions as subjects

MOVED_LETTER = "mail.moved"


async def settle(tx: Tx, tools: Tools, arrival: Arrival) -> Entered | LinkNeeded | Refusal:
    """Load, decide, write."""
    login = arrival.login
    newest = await subjects.note(
        tx, login.issuer, login.subject, login.access_revision, arrival.now
    )
    known = replace(await _known(tx, login), access_revision=newest)
    decision = decide(login, known, arrival.proved_user_id)
    if isinstance(decision, Refusal):
        await _refuse(tx, arrival, known, decision)
        return decision
    assert known.account is not None
    account_id = known.account.id
    if decision.conflict is not None:
        await _note_conflict(tx, arrival, account_id, decision.conflict, decision.others)
    if decision.step is Step.PROVE:
        assert decision.user is not None
        return await pending.begin(tx, tools, arrival, decision.user)
    user_id = await _write_user(tx, tools, arrival, account_id, decision)
    secret = await _start_session(tx, tools, arrival, account_id, user_id)
    return Entered(secret, account_id, user_id, decision.step is Step.LINK)


async def _known(tx: Tx, login: PlatformLogin) -> Known:
    if not login.organisation:
        return Known(None, None, ())
    identity = identity_of(login)
    account, owner, same_address = await agents.find_for_login(tx, login.organisation, identity)
    return Known(account, owner, same_address)


async def _refuse(tx: Tx, arrival: Arrival, known: Known, refusal: Refusal) -> None:
    account_id = known.account.id if known.account else None
    if refusal.conflict is not None and account_id is not None:
        await _note_conflict(tx, arrival, account_id, refusal.conflict, refusal.others)
    if refusal.strip is not None:
        await agents.take_roles(tx, refusal.strip, arrival.login.access_revision, arrival.now)
        await sessions.end_of_user(tx, refusal.strip.id, "roles_taken", arrival.now)
    await audit.record(
        tx,
        "login.refused",
        arrival.now,
        reference=arrival.reference,
        user_id=refusal.user.id if refusal.user else None,
        account_id=account_id,
        problem=refusal.problem.code,
        conflict=refusal.conflict.value if refusal.conflict else None,
    )


async def _write_user(
    tx: Tx, tools: Tools, arrival: Arrival, account_id: int, decision: Decision
) -> str:
    """The user of the login, refreshed, moved or made; returns the id."""
    identity, now = identity_of(arrival.login), arrival.now
    if decision.user is None:
        user_id = await agents.create_linked(tx, account_id, identity, now)
        if await accounts.find(tx, account_id) is None:  # deleted while the insert waited for it
            raise Overtaken
        await audit.record(
            tx,
            "user.created",
            now,
            reference=arrival.reference,
            user_id=user_id,
            account_id=account_id,
            by="login",
        )
        return user_id
    user = decision.user
    if decision.step is Step.LINK:
        await _move(tx, tools, arrival, user)
    keep_email = decision.conflict is not None
    if not await agents.refresh(tx, user, identity, now, keep_email=keep_email):
        raise Overtaken
    return user.id


async def _move(tx: Tx, tools: Tools, arrival: Arrival, user: User) -> None:
    """Every door that the old password opened closes with the move, in its transaction."""
    now = arrival.now
    if not await agents.link(
        tx, user, identity_of(arrival.login), now, confirmed_by_mail=arrival.proved_by_mail
    ):
        raise Overtaken
    ended = await sessions.end_of_user(tx, user.id, "moved", now)
    await store.void_pending(tx, user.id, now)
    await audit.record(
        tx,
        "user.moved",
        now,
        reference=arrival.reference,
        user_id=user.id,
        account_id=user.account_id,
        sessions_ended=ended,
        proved=_proof(arrival),
    )
    letter = {
        "to": user.email,
        "name": user.name,
        "locale": arrival.login.locale or user.locale,
        "platform_email": arrival.login.email or "",
        "at": now,
    }
    await tools.outbox.add(tx, MOVED_LETTER, letter, now)


async def _start_session(
    tx: Tx, tools: Tools, arrival: Arrival, account_id: int, user_id: str
) -> str:
    login, now = arrival.login, arrival.now
    begun = sessions.Start(
        user_id,
        account_id,
        "cognigy",
        tools.settings.auth_token_lifespan,
        arrival.user_agent,
        login.issuer,
        login.subject,
        login.sid,
        login.id_token,
        login.refresh_token,
        login.access_revision,
    )
    secret = await sessions.start(tx, tools.keyring, begun, arrival.old_session_secret, now)
    await audit.record(
        tx,
        "login.succeeded",
        now,
        reference=arrival.reference,
        user_id=user_id,
        account_id=account_id,
        method="cognigy",
    )
    return secret


async def _note_conflict(
    tx: Tx, arrival: Arrival, account_id: int, kind: Conflict, user_ids: tuple[str, ...]
) -> None:
    login = arrival.login
    dispute = Dispute(account_id, kind, login.issuer, login.subject, login.email or "", user_ids)
    await store.note_conflict(tx, dispute, arrival.reference, arrival.now)


def _proof(arrival: Arrival) -> str:
    if arrival.proved_user_id is None:
        return "address"
    return "mail" if arrival.proved_by_mail else "password"
