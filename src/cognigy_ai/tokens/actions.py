"""What is done with codes and grants. Tokens are opaque; only their fingerprints are stored."""

from cognigy_ai.audit import actions as audit
from cognigy_ai.problems import Problem
from cognigy_ai.tokens import rules
from cognigy_ai.tokens.rules import (
    Code,
    CodeOrder,
    Grant,
    GrantOrder,
    Proof,
    RefreshOrder,
    Tokens,
)
from cognigy_ai.tokens.store import codes, consents, grants, revocations
from kernel.db import Database, Tx
from kernel.keyring import KeyRing
from kernel.opaque import derive, fingerprint, new_id, new_secret
from kernel.problems import ProblemError

DAY_SECONDS = 24 * 3600


# --- codes ----------------------------------------------------------------------------------------


async def issue_code(
    db: Tx, order: CodeOrder, proof: Proof, lifetime: int, now: int
) -> tuple[str, str] | None:
    """A code, and whose it is, if the session may have one without any page."""
    code = new_secret("ac_")
    user_id = await codes.issue(db, fingerprint(code), order, proof, now, now + lifetime)
    return None if user_id is None else (code, user_id)


async def claim_code(tx: Tx, code: str, client_id: str, now: int) -> Code | None:
    """Spend the client's code; of two simultaneous requests one gets it."""
    return await codes.claim(tx, fingerprint(code), client_id, now)


async def refuse_code(database: Database, code: str, client_id: str, now: int) -> ProblemError:
    """Why a code could not be claimed. One that was used before takes its tokens along.

    RFC 6749 section 4.1.2, RFC 9700 section 2.1.1.
    """
    mark = fingerprint(code)
    async with database.transaction() as tx:
        row = await codes.find(tx, mark, client_id)
        if row is None:
            return ProblemError(Problem.CODE_UNKNOWN, client_id=client_id)
        facts = {"client_id": client_id, "user_id": row["user_id"]}
        if row["redeemed_at"] is None:
            return ProblemError(Problem.CODE_OVERTAKEN, login=row["reference"], **facts)
        revoked = await revocations.revoke_of_code(tx, mark, now)
        await audit.record(
            tx,
            "code.replayed",
            now,
            reference=row["reference"],
            user_id=row["user_id"],
            organisation_id=row["organisation_id"],
            client_id=client_id,
            revoked=revoked,
        )
    return ProblemError(Problem.CODE_ALREADY_USED, login=row["reference"], **facts)


# --- grants ---------------------------------------------------------------------------------------


async def issue_grant(tx: Tx, code: str, claimed: Code, order: GrantOrder, now: int) -> Tokens:
    """The grant that a code becomes, in the transaction that claimed the code."""
    handle = new_secret()
    access_token = new_secret(rules.ACCESS_PREFIX)
    refresh_token = f"{rules.REFRESH_PREFIX}{handle}.{new_secret()}" if order.refreshable else None
    access_lifetime = min(order.access_lifetime, order.grant_lifetime)
    ends = now + (order.grant_lifetime if refresh_token else access_lifetime)
    await grants.add(
        tx,
        grant_id=new_id(),
        client_id=order.client_id,
        user_id=claimed.person.user_id,
        organisation_id=claimed.person.organisation_id,
        session_id=claimed.session_id,
        code=fingerprint(code),
        scope=claimed.scope,
        auth_time=claimed.auth_time,
        amr=claimed.amr,
        access=fingerprint(access_token),
        access_expires_at=now + access_lifetime,
        family=fingerprint(handle) if refresh_token else None,
        refresh=fingerprint(refresh_token) if refresh_token else None,
        expires_at=ends,
        now=now,
    )
    return Tokens(access_token, refresh_token, claimed.scope, access_lifetime)


async def issue_for_client(
    db: Tx, client_id: str, organisation_id: str | None, lifetime: int, now: int
) -> Tokens | None:
    """A client's own access token (RFC 6749 section 4.4); None without such an organisation."""
    access_token = new_secret(rules.ACCESS_PREFIX)
    scope = f"organisationId={organisation_id}" if organisation_id else ""
    made = await grants.add_for_client(
        db,
        organisation_id,
        grant_id=new_id(),
        client_id=client_id,
        scope=scope,
        access=fingerprint(access_token),
        access_expires_at=now + lifetime,
        expires_at=now + lifetime,
        now=now,
    )
    return Tokens(access_token, None, scope, lifetime) if made else None


async def refresh(
    database: Database, keyring: KeyRing, order: RefreshOrder, now: int
) -> tuple[Tokens, Grant]:
    """Rotate a refresh token, or raise the refusal (RFC 6749 section 6).

    The next tokens are derived from the presented one, so that a client whose answer was lost,
    or two of its processes at once, get the same answer within the grace.
    """
    handle = rules.family_handle(order.refresh_token)
    if handle is None:
        raise ProblemError(Problem.REFRESH_TOKEN_UNKNOWN, client_id=order.client_id)
    if order.scope is None:
        found = await _rotate(database, keyring, order, handle, now)
    else:
        async with database.transaction() as tx:
            found = await _rotate(tx, keyring, order, handle, now)
            if found is not None and not order.scope <= set(found[1].granted.split()):
                # Inside the block: nothing was rotated for a request that asks for too much.
                raise ProblemError(Problem.SCOPE_INVALID, client_id=order.client_id)
    if found is None:
        raise await _refuse_refresh(database, order, handle, now)
    return found


async def _rotate(
    db: Tx, keyring: KeyRing, order: RefreshOrder, handle: str, now: int
) -> tuple[Tokens, Grant] | None:
    key = keyring.key("rotation")
    narrowed = None if order.scope is None else " ".join(sorted(order.scope))
    presented = order.refresh_token
    refresh_token = f"{rules.REFRESH_PREFIX}{handle}.{derive(key, 'refresh', presented)}"
    # Another scope is another access token, so that no token ever gains one.
    access_token = rules.ACCESS_PREFIX + derive(key, "access", f"{presented} {narrowed or ''}")
    grant = await grants.rotate(
        db,
        family=fingerprint(handle),
        client_id=order.client_id,
        presented=fingerprint(presented),
        refresh=fingerprint(refresh_token),
        access=fingerprint(access_token),
        narrowed=narrowed,
        access_expires_at=now + order.access_lifetime,
        grace_from=now - order.grace,
        now=now,
    )
    if grant is None:
        return None
    return Tokens(access_token, refresh_token, grant.scope, grant.expires_at - now), grant


async def _refuse_refresh(
    database: Database, order: RefreshOrder, handle: str, now: int
) -> ProblemError:
    """Why it was refused; a token that is not the newest takes its family along."""
    family, presented = fingerprint(handle), fingerprint(order.refresh_token)
    async with database.transaction() as tx:
        found = await grants.find_family(tx, family, presented, now)
        problem = rules.refresh_refusal(found, order.client_id)
        if problem is Problem.REFRESH_TOKEN_REUSED and found is not None:
            revoked = await revocations.revoke_reused(tx, family, presented, now)
            await audit.record(
                tx,
                "refresh_token.reused",
                now,
                user_id=found.user_id,
                organisation_id=found.organisation_id,
                client_id=order.client_id,
                grant_id=found.id,
                revoked=revoked,
            )
    user_id = None if found is None else found.user_id
    return ProblemError(problem, client_id=order.client_id, user_id=user_id)


async def find_by_access_token(db: Tx, token: str, now: int) -> Grant | None:
    """The grant of a living access token, one statement; none for anything malformed."""
    if not rules.is_access_token(token):
        return None
    return await grants.find_by_access_token(db, fingerprint(token), now)


async def find_by_token(db: Tx, token: str, now: int) -> tuple[Grant, str] | None:
    """The grant of an access or a refresh token, and which of them it is (RFC 7662)."""
    handle = rules.family_handle(token)
    if handle is not None:
        mark = fingerprint(handle)
        found = await grants.find_by_refresh_token(db, mark, fingerprint(token), now)
        return None if found is None else (found, "refresh_token")
    found = await find_by_access_token(db, token, now)
    return None if found is None else (found, "access_token")


# --- ends -----------------------------------------------------------------------------------------


async def revoke_token(db: Tx, token: str, client_id: str, now: int) -> bool:
    """End the client's token (RFC 7009 section 2.1); False if it is another client's.

    A refresh token takes its whole grant along, an access token nothing but itself.
    """
    handle = rules.family_handle(token)
    if handle is not None:
        family = fingerprint(handle)
        ended = await revocations.revoke(
            db,
            revocations.REVOKE_FAMILY,
            family=family,
            client_id=client_id,
            because="revoked",
            now=now,
        )
        owner_by, mark = revocations.OWNER_BY_FAMILY, {"family": family}
    else:
        mark = {"token": fingerprint(token)}
        ended = await revocations.revoke(
            db, revocations.END_ACCESS_TOKEN, client_id=client_id, **mark
        )
        owner_by = revocations.OWNER_BY_ACCESS_TOKEN
    if ended:
        return True
    return await revocations.find_owner(db, owner_by, **mark) in (None, client_id)


# --- consents -------------------------------------------------------------------------------------


async def find_consent(db: Tx, user_id: str, client_id: str) -> frozenset[str]:
    """The scopes that the person lets the client have."""
    return await consents.find(db, user_id, client_id)


async def give_consent(tx: Tx, user_id: str, client_id: str, scope: str, now: int) -> None:
    """Keep the person's decision."""
    await consents.save(tx, user_id, client_id, scope, now)


async def prune(db: Tx, now: int) -> int:
    """Remove what is over; a spent code is kept for a day so that its replay is recognised."""
    before = now - DAY_SECONDS
    return await codes.prune(db, before) + await grants.prune(db, before)
