"""A first login that must prove the old user before it takes it over (DESIGN section 3 rule 4)."""

from dataclasses import asdict, dataclass
from enum import Enum

from kernel.db import Database, Tx
from kernel.keyring import KeyRing
from kernel.opaque import fingerprint, new_secret
from kernel.throttle import DAY_SECONDS, Limit, account_key
from live_agent.agents.rules import User
from live_agent.audit import actions as audit
from live_agent.migration import store
from live_agent.migration.arrival import Arrival, LinkNeeded, Tools
from live_agent.migration.rules import PlatformLogin
from live_agent.sessions import actions as sessions

# The roles of the login under proof are as old as the proof: it must be short.
PENDING_SECONDS = 10 * 60
MAIL_EVERY_SECONDS = 60
# To one old user, whoever asks. The one more is never stored: its transaction is undone.
MAILS_A_DAY = Limit(free_failures=5, ladder_seconds=(DAY_SECONDS,), window_seconds=DAY_SECONDS)
SEALED_FOR = "pending-login"
LONGEST_SEALED = 65_536
LINK_LETTER = "mail.link"


class Mailing(Enum):
    """What became of the wish for a mailed link."""

    SENT = "sent"
    A_MOMENT_AGO = "a_moment_ago"
    ENOUGH_TODAY = "enough_today"


class _EnoughToday(Exception):  # noqa: N818 - what it is; undoes the transaction
    pass


@dataclass(frozen=True, slots=True)
class Pending:
    """One login under proof, and the old user that it is about."""

    fingerprint: str
    mail_fingerprint: str | None
    login: PlatformLogin
    target: str | None
    user_id: str
    account_id: int
    account_name: str
    old_email: str
    old_name: str
    old_locale: str
    reference: str
    expires_at: int
    mailed_at: int | None


async def begin(tx: Tx, tools: Tools, arrival: Arrival, user: User) -> LinkNeeded:
    """Keep the login, sealed, until the person has proved the old user."""
    secret, login, now = new_secret("lp_"), arrival.login, arrival.now
    await store.void_proofs_of(tx, user.id, login.issuer, login.subject, now)
    # Whoever was signed in here before is not the one who goes on.
    await sessions.end_quietly(tx, arrival.old_session_secret, "replaced", now)
    await store.add_pending(
        tx,
        {
            "fingerprint": fingerprint(secret),
            "mail_fingerprint": None,
            "account_id": user.account_id,
            "user_id": user.id,
            "issuer": login.issuer,
            "subject": login.subject,
            "sealed_login": tools.keyring.seal(
                SEALED_FOR, {"login": asdict(login), "target": arrival.target}
            ),
            "reference": arrival.reference,
            "created_at": now,
            "expires_at": now + PENDING_SECONDS,
            "mailed_at": None,
            "proved_at": None,
            "used_at": None,
        },
    )
    await audit.record(
        tx,
        "link.begun",
        now,
        reference=arrival.reference,
        user_id=user.id,
        account_id=user.account_id,
    )
    return LinkNeeded(secret)


async def find(
    database: Tx | Database, keyring: KeyRing, secret: str | None, now: int
) -> Pending | None:
    """The open proof of this browser."""
    if not secret:
        return None
    row = await store.find_pending(database, fingerprint(secret), now)
    kept = keyring.open_sealed(SEALED_FOR, row["sealed_login"], LONGEST_SEALED) if row else None
    if row is None or not isinstance(kept, dict):
        return None
    login = kept["login"] | {"roles": tuple(kept["login"]["roles"])}
    return Pending(
        fingerprint=row["fingerprint"],
        mail_fingerprint=row["mail_fingerprint"],
        login=PlatformLogin(**login),
        target=kept["target"],
        user_id=row["user_id"],
        account_id=row["account_id"],
        account_name=row["account_name"],
        old_email=row["old_email"],
        old_name=row["old_name"],
        old_locale=row["old_locale"],
        reference=row["reference"],
        expires_at=row["expires_at"],
        mailed_at=row["mailed_at"],
    )


async def is_spent(database: Tx | Database, secret: str | None) -> bool:
    """Was there a proof with that secret, which is over?"""
    return bool(secret) and await store.is_spent(database, fingerprint(str(secret)))


async def send_link(tools: Tools, waiting: Pending, language: str, now: int) -> Mailing:
    """Mail a link to the old address; an earlier one is void.

    The mail names both accounts, so that nobody confirms what they did not begin (lesson 18).
    """
    secret = new_secret("ll_")
    letter = {
        "to": waiting.old_email,
        "name": waiting.old_name,
        "locale": language,
        "platform_email": waiting.login.email or waiting.login.name,
        "account": waiting.account_name,
        "secret": secret,
        "expires_at": waiting.expires_at,
    }
    limits = [(account_key(tools.keyring, "la/mail", waiting.user_id), MAILS_A_DAY)]
    try:
        async with tools.database.transaction() as tx:
            if not await store.set_mail(
                tx, waiting.fingerprint, fingerprint(secret), now - MAIL_EVERY_SECONDS, now
            ):
                return Mailing.A_MOMENT_AGO
            if await tools.locks.record_failure(tx, limits, now) > now:
                raise _EnoughToday
            await tools.outbox.add(tx, LINK_LETTER, letter, now)
            await audit.record(
                tx,
                "link.mailed",
                now,
                reference=waiting.reference,
                user_id=waiting.user_id,
                account_id=waiting.account_id,
            )
    except _EnoughToday:
        return Mailing.ENOUGH_TODAY
    tools.courier.wake()
    return Mailing.SENT


async def cancel(database: Database, waiting: Pending, now: int) -> None:
    """The person does not go on; nothing was changed."""
    async with database.transaction() as tx:
        if await store.cancel(tx, waiting.fingerprint, now):
            await audit.record(
                tx,
                "link.cancelled",
                now,
                reference=waiting.reference,
                user_id=waiting.user_id,
                account_id=waiting.account_id,
            )
