"""The transaction of a login: load, decide, write. Called by the actions alone."""

from dataclasses import replace

from kernel.db import Tx
from live_agent.accounts import actions as accounts
from live_agent.agents import actions as agents
from live_agent.agents import identities
from live_agent.agents.rules import User
from live_agent.audit import actions as audit
from live_agent.conflicts import actions as conflicts
from live_agent.conflicts.rules import Conflict, Dispute
from live_agent.ledger import actions as ledger
from live_agent.ledger.rules import Deed, Entry, How
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
    Decision,
    Known,
    PlatformLogin,
    Refusal,
    Step,
    asks_for_verdict,
    decide,
)
from live_agent.sessions import actions as sessions
from live_agent.subjects import actions as subjects

MOVED_LETTER = "mail.moved"
MOVES = (Step.LINK, Step.RELINK)


async def settle(tx: Tx, tools: Tools, arrival: Arrival) -> Entered | LinkNeeded | Refusal:
    """Load, decide, write."""
    login = arrival.login
    newest = await subjects.note(
        tx, login.issuer, login.subject, login.access_revision, arrival.now
    )
    known = replace(await _known(tx, login), access_revision=newest)
    decision = await _decide(tx, arrival, known)
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
    return Entered(secret, account_id, user_id, decision.step in MOVES)


async def _decide(tx: Tx, arrival: Arrival, known: Known) -> Decision | Refusal:
    """Where somebody stands in between, administrators may have decided; others cost no look."""
    login = arrival.login
    found = decide(login, known, arrival.proved_user_id)
    if known.account is None or not asks_for_verdict(found):
        return found
    identity = (login.issuer, login.subject)
    verdict = await conflicts.find_verdict(tx, known.account.id, identity, login.email, arrival.now)
    if verdict is None:
        return found
    return decide(login, replace(known, verdict=verdict), arrival.proved_user_id)


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
    # The sole old user of the address is the one whom the brake of the migration counts.
    old = [user for user in known.same_address if not user.linked]
    about = refusal.user or (old[0] if len(old) == 1 else None)
    await audit.record(
        tx,
        "login.refused",
        arrival.now,
        reference=arrival.reference,
        user_id=about.id if about else None,
        account_id=account_id,
        problem=refusal.problem.code,
        organisation=None if known.account else arrival.login.organisation or "-",
        conflict=refusal.conflict.value if refusal.conflict else None,
        decision_id=refusal.decision_id,
    )


async def _write_user(
    tx: Tx, tools: Tools, arrival: Arrival, account_id: int, decision: Decision
) -> str:
    """The user of the login, refreshed, moved or made; returns the id."""
    identity, now = identity_of(arrival.login), arrival.now
    if decision.decision_id and not await conflicts.spend(tx, decision.decision_id, now):
        raise Overtaken
    if decision.user is None:
        return await _create(tx, arrival, account_id, decision)
    user = decision.user
    audit.set_actor(audit.Actor(audit.USER, user.id))
    if decision.step in MOVES:
        user = await _move(tx, tools, arrival, user, decision)
    if not await agents.refresh(tx, user, identity, now, keep_email=decision.keep_email):
        raise Overtaken
    return user.id


async def _create(tx: Tx, arrival: Arrival, account_id: int, decision: Decision) -> str:
    identity, now = identity_of(arrival.login), arrival.now
    if decision.keep_email:
        identity = replace(identity, email=None)
    user_id = await agents.create_linked(tx, account_id, identity, now)
    if await accounts.find(tx, account_id) is None:  # deleted while the insert waited for it
        raise Overtaken
    audit.set_actor(audit.Actor(audit.USER, user_id))
    await _write_down(tx, arrival, (account_id, user_id), Deed.CREATED, decision)
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


async def _move(tx: Tx, tools: Tools, arrival: Arrival, user: User, decision: Decision) -> User:
    """Every door that the old password opened closes with the move, in its transaction."""
    identity, now = identity_of(arrival.login), arrival.now
    if decision.leaves is not None:
        await _retire(tx, arrival, decision.leaves, decision)
    if decision.step is Step.RELINK:
        linked = await identities.relink(tx, user, (identity.issuer, identity.subject), now)
        user = replace(user, access_revision=0)
    else:
        linked = await agents.link(
            tx, user, identity, now, confirmed_by_mail=arrival.proved_by_mail
        )
    if not linked:
        raise Overtaken
    ended = await sessions.end_of_user(tx, user.id, "moved", now)
    await store.void_pending(tx, user.id, now)
    deed = Deed.RELINKED if decision.step is Step.RELINK else Deed.MOVED
    await _write_down(tx, arrival, (user.account_id, user.id), deed, decision)
    await audit.record(
        tx,
        "user.moved",
        now,
        reference=arrival.reference,
        user_id=user.id,
        account_id=user.account_id,
        sessions_ended=ended,
        proved=_proof(arrival, decision).value,
        decision_id=decision.decision_id,
    )
    letter = {
        "to": user.email,
        "name": user.name,
        "locale": arrival.login.locale or user.locale,
        "platform_email": arrival.login.email or "",
        "at": now,
    }
    await tools.outbox.add(tx, MOVED_LETTER, letter, now)
    return user


async def _retire(tx: Tx, arrival: Arrival, user: User, decision: Decision) -> None:
    """The identity leaves the user that it had: nobody is that user any more."""
    if not await identities.retire(tx, user, arrival.now):
        raise Overtaken
    await sessions.end_of_user(tx, user.id, "moved", arrival.now)
    await _write_down(tx, arrival, (user.account_id, user.id), Deed.RETIRED, decision)
    await audit.record(
        tx,
        "user.retired",
        arrival.now,
        reference=arrival.reference,
        user_id=user.id,
        account_id=user.account_id,
    )


async def _write_down(
    tx: Tx, arrival: Arrival, who: tuple[int, str], deed: Deed, decision: Decision
) -> None:
    """The line of the ledger; `who`: account and user."""
    login = arrival.login
    entry = Entry(
        account_id=who[0],
        user_id=who[1],
        deed=deed,
        issuer=login.issuer,
        subject=login.subject,
        how=_proof(arrival, decision),
        decision_id=decision.decision_id,
        reference=arrival.reference,
    )
    await ledger.write(tx, entry, arrival.now)


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
    dispute = Dispute(
        account_id,
        kind,
        login.issuer,
        login.subject,
        login.email or "",
        user_ids,
        name=login.name,
        email_verified=login.email_verified is True,
        roles=login.roles,
    )
    await conflicts.note(tx, dispute, arrival.reference, arrival.now)


def _proof(arrival: Arrival, decision: Decision) -> How:
    if decision.decision_id is not None:
        return How.DECISION
    if decision.step is Step.CREATE:
        return How.LOGIN
    if arrival.proved_user_id is None:
        return How.ADDRESS
    return How.MAIL if arrival.proved_by_mail else How.PASSWORD
