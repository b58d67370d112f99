"""SQL for logins under proof."""

from typing import Any

from sqlalchemy import BigInteger, bindparam, delete, insert, select, update

from kernel.db import Row, Tx
from live_agent.db.tables import accounts, pending_links, spent_states, users

_p = pending_links.c
_now = bindparam("now", type_=BigInteger)
_this = _p.fingerprint == bindparam("fingerprint")
_open = (_p.used_at.is_(None), _p.expires_at > _now)

_ADD_PENDING = insert(pending_links)
_FIND_PENDING = (
    select(
        _p.fingerprint,
        _p.mail_fingerprint,
        _p.account_id,
        _p.user_id,
        _p.sealed_login,
        _p.reference,
        _p.expires_at,
        _p.mailed_at,
        users.c.email.label("old_email"),
        users.c.name.label("old_name"),
        users.c.locale.label("old_locale"),
        accounts.c.name.label("account_name"),
    )
    .join(users, users.c.id == _p.user_id)
    .join(accounts, accounts.c.id == _p.account_id)
    .where(_this, *_open)
)
_another = pending_links.alias("another")
# One mail a minute for each identity that asks for a user, in however many browsers.
_SET_MAIL = (
    update(pending_links)
    .where(
        _this,
        *_open,
        ~select(_another.c.fingerprint)
        .where(
            _another.c.user_id == _p.user_id,
            _another.c.issuer == _p.issuer,
            _another.c.subject == _p.subject,
            _another.c.mailed_at > bindparam("mailed_before", type_=BigInteger),
        )
        .exists(),
    )
    .values(mail_fingerprint=bindparam("mail_fingerprint"), mailed_at=_now)
    .returning(_p.fingerprint)
)
_CLAIM = (
    update(pending_links)
    .where(_this, *_open)
    .values(used_at=_now, proved_at=_now)
    .returning(_p.fingerprint)
)
_CLAIM_BY_MAIL = (
    update(pending_links)
    .where(_this, *_open, _p.mail_fingerprint == bindparam("mail_fingerprint"))
    .values(used_at=_now, proved_at=_now)
    .returning(_p.fingerprint)
)
_CANCEL = update(pending_links).where(_this, *_open).values(used_at=_now).returning(_p.fingerprint)
_VOID_OTHERS = (
    update(pending_links)
    .where(_p.user_id == bindparam("user_id"), _p.used_at.is_(None))
    .values(used_at=_now)
)
_VOID_PROOFS_OF = (
    update(pending_links)
    .where(
        _p.user_id == bindparam("user_id"),
        _p.issuer == bindparam("issuer"),
        _p.subject == bindparam("subject"),
        _p.used_at.is_(None),
    )
    .values(used_at=_now)
)
_IS_SPENT = select(_p.fingerprint).where(_this, _p.used_at.is_not(None))
_PRUNE = delete(pending_links).where(_p.expires_at <= _now).returning(_p.fingerprint)
_PRUNE_STATES = (
    delete(spent_states)
    .where(spent_states.c.expires_at <= _now)
    .returning(spent_states.c.fingerprint)
)


async def add_pending(tx: Tx, values: dict[str, Any]) -> None:
    await tx.one(_ADD_PENDING, **values)


async def find_pending(tx: Tx, fingerprint: str, now: int) -> Row | None:
    return await tx.one(_FIND_PENDING, fingerprint=fingerprint, now=now)


async def set_mail(
    tx: Tx, fingerprint: str, mail_fingerprint: str, mailed_before: int, now: int
) -> bool:
    row = await tx.one(
        _SET_MAIL,
        fingerprint=fingerprint,
        mail_fingerprint=mail_fingerprint,
        mailed_before=mailed_before,
        now=now,
    )
    return row is not None


async def claim(tx: Tx, fingerprint: str, now: int) -> bool:
    return await tx.one(_CLAIM, fingerprint=fingerprint, now=now) is not None


async def claim_by_mail(tx: Tx, fingerprint: str, mail_fingerprint: str, now: int) -> bool:
    row = await tx.one(
        _CLAIM_BY_MAIL, fingerprint=fingerprint, mail_fingerprint=mail_fingerprint, now=now
    )
    return row is not None


async def cancel(tx: Tx, fingerprint: str, now: int) -> bool:
    return await tx.one(_CANCEL, fingerprint=fingerprint, now=now) is not None


async def void_pending(tx: Tx, user_id: str, now: int) -> None:
    await tx.one(_VOID_OTHERS, user_id=user_id, now=now)


async def void_proofs_of(tx: Tx, user_id: str, issuer: str, subject: str, now: int) -> None:
    """The open proofs with which that identity wants that user."""
    await tx.one(_VOID_PROOFS_OF, user_id=user_id, issuer=issuer, subject=subject, now=now)


async def is_spent(tx: Tx, fingerprint: str) -> bool:
    return await tx.one(_IS_SPENT, fingerprint=fingerprint) is not None


async def prune(tx: Tx, now: int) -> int:
    pending = await tx.all(_PRUNE, now=now)
    return len(pending) + len(await tx.all(_PRUNE_STATES, now=now))
