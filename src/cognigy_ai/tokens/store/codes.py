"""Authorization codes: issued by one statement, claimed by one statement."""

from dataclasses import asdict
from typing import Any

from sqlalchemy import Integer, bindparam, delete, insert, or_, select, update
from sqlalchemy import exists as sql_exists

from cognigy_ai.db.tables import codes, consents, organisations, sessions, users
from cognigy_ai.tokens.rules import Code, CodeOrder, Proof
from cognigy_ai.tokens.store.columns import NOW, ROLES, number, person_of, text
from kernel.db import Row, Tx

_c, _u, _o, _s = codes.c, users.c, organisations.c, sessions.c

CODE_VALUES: dict[str, Any] = {
    "fingerprint": text("code"),
    "client_id": text("client_id"),
    "redirect_uri": text("redirect_uri"),
    "redirect_uri_given": bindparam("redirect_uri_given", type_=Integer),
    "code_challenge": text("code_challenge"),
    "nonce": text("nonce"),
    "scope": text("scope"),
    "reference": text("reference"),
    "issued_at": NOW,
    "expires_at": number("expires_at"),
    "session_id": _s.id,
    "auth_time": _s.auth_time,
    "amr": _s.amr,
    "user_id": _u.id,
    "email": _u.email,
    "email_verified": _u.email_verified,
    "name": _u.name,
    "locale": _u.locale,
    "roles": ROLES,
    "organisation_id": _o.id,
    "organisation_name": _o.name,
    "access_revision": _u.access_revision,
}
# Who is signed in, may they, did they consent, and the code: one statement (DESIGN section 8).
ISSUE_CODE = (
    insert(codes)
    .from_select(
        list(CODE_VALUES),
        select(*CODE_VALUES.values())
        .select_from(
            sessions.join(users, _u.id == _s.user_id).join(
                organisations, _o.id == _u.organisation_id
            )
        )
        .where(
            _s.fingerprint == text("session"),
            _s.ended_at.is_(None),
            _s.expires_at > NOW,
            _s.auth_time >= number("oldest"),
            _u.disabled_at.is_(None),
            _o.suspended_at.is_(None),
            or_(text("subject") == "", _u.id == text("subject")),
            or_(text("organisation") == "", _o.id == text("organisation")),
            or_(
                bindparam("consent_given", type_=Integer) == 1,
                sql_exists().where(
                    consents.c.user_id == _u.id,
                    consents.c.client_id == text("client_id"),
                    consents.c.scope == text("scope"),
                ),
            ),
        ),
    )
    .returning(_c.user_id)
)
PERSON = (
    _c.user_id,
    _c.email,
    _c.email_verified,
    _c.name,
    _c.locale,
    _c.roles,
    _c.organisation_id,
    _c.organisation_name,
    _c.access_revision,
)
# Only while the person is the same as when the code was made: nobody disabled, demoted or logged
# out in between gets a token (RFC 6749 section 4.1.2, and no half of a session).
CLAIM_CODE = (
    update(codes)
    .where(
        _c.fingerprint == text("code"),
        _c.client_id == text("client_id"),
        _c.redeemed_at.is_(None),
        sql_exists(
            select(_u.id)
            .select_from(
                users.join(organisations, _o.id == _u.organisation_id).join(
                    sessions, _s.user_id == _u.id
                )
            )
            .where(
                _u.id == _c.user_id,
                _u.access_revision == _c.access_revision,
                _u.disabled_at.is_(None),
                _o.suspended_at.is_(None),
                _s.id == _c.session_id,
                _s.ended_at.is_(None),
            )
            .correlate(codes)
        ),
    )
    .values(redeemed_at=NOW)
    .returning(
        _c.redirect_uri,
        _c.redirect_uri_given,
        _c.code_challenge,
        _c.nonce,
        _c.scope,
        _c.reference,
        _c.expires_at,
        _c.session_id,
        _c.auth_time,
        _c.amr,
        *PERSON,
    )
)
FIND_CODE = select(_c.redeemed_at, _c.reference, _c.user_id, _c.organisation_id).where(
    _c.fingerprint == text("code"), _c.client_id == text("client_id")
)
PRUNE_CODES = delete(codes).where(_c.expires_at <= number("before")).returning(_c.fingerprint)


async def issue(
    db: Tx, fingerprint: str, order: CodeOrder, proof: Proof, now: int, expires_at: int
) -> str | None:
    """Write the code if the session may have one without any page; returns whose it is."""
    row = await db.one(
        ISSUE_CODE,
        code=fingerprint,
        **asdict(order) | {"redirect_uri_given": int(order.redirect_uri_given)},
        expires_at=expires_at,
        session=proof.session_fingerprint,
        oldest=proof.oldest_auth_time,
        subject=proof.subject,
        organisation=proof.organisation_id,
        consent_given=int(proof.consent_given),
        now=now,
    )
    return None if row is None else str(row["user_id"])


async def claim(tx: Tx, fingerprint: str, client_id: str, now: int) -> Code | None:
    """Mark the client's code redeemed; None if unknown, another's, spent or overtaken.

    One statement, so that of two simultaneous requests exactly one gets the row.
    """
    row = await tx.one(CLAIM_CODE, code=fingerprint, client_id=client_id, now=now)
    if row is None:
        return None
    return Code(
        redirect_uri=row["redirect_uri"],
        redirect_uri_given=bool(row["redirect_uri_given"]),
        code_challenge=row["code_challenge"],
        nonce=row["nonce"],
        scope=row["scope"],
        reference=row["reference"],
        expires_at=row["expires_at"],
        session_id=row["session_id"],
        auth_time=row["auth_time"],
        amr=row["amr"],
        person=person_of(row),
    )


async def find(tx: Tx, fingerprint: str, client_id: str) -> Row | None:
    """What is known of a code that could not be claimed."""
    return await tx.one(FIND_CODE, code=fingerprint, client_id=client_id)


async def prune(db: Tx, before: int) -> int:
    """Remove codes that expired before; until then a replay is recognised."""
    return len(await db.all(PRUNE_CODES, before=before))
