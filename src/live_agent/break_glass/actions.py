"""Break-glass: an administrator gets in without the platform, once, and everybody is told.

The link is made by the command line alone. It works with nothing but the database; the session that
it begins ends after an hour, whatever the platform says or does not say.
"""

from dataclasses import dataclass, field

from kernel.db import Database, Tx
from kernel.keyring import KeyRing
from kernel.opaque import fingerprint, new_id, new_secret
from kernel.outbox import Outbox
from kernel.problems import ProblemError
from live_agent.accounts import actions as accounts
from live_agent.agents import actions as agents
from live_agent.agents.rules import User
from live_agent.audit import actions as audit
from live_agent.break_glass import rules, store
from live_agent.break_glass.rules import LINK_SECONDS, METHOD, SESSION_SECONDS, Glass
from live_agent.problems import Problem
from live_agent.sessions import actions as sessions

MADE_LETTER, USED_LETTER = "mail.break_glass_made", "mail.break_glass_used"
PREFIX = "bg_"


@dataclass(frozen=True, slots=True)
class Order:
    """Who is to get in, why, and who at the command line says so."""

    account_id: int
    user_id: str
    reason: str
    made_by: str


@dataclass(frozen=True, slots=True)
class Spent:
    """Let in."""

    session_secret: str = field(repr=False)
    account_id: int


async def make(tx: Tx, outbox: Outbox, order: Order, now: int) -> str:
    """A link for that user; an earlier one is void. Returns its secret.

    Raises ProblemError BREAK_GLASS_REFUSED with the reason why not.
    """
    await accounts.lock(tx, order.account_id)  # of two at once the later makes the other void
    account = await accounts.find(tx, order.account_id)
    user = await agents.get(tx, order.account_id, order.user_id)
    if user is None:
        raise ProblemError(Problem.USER_UNKNOWN, user_id=order.user_id)
    why = rules.refusal(account, user)
    if why is not None or account is None:
        raise ProblemError(Problem.BREAK_GLASS_REFUSED, why=why or "")
    secret, glass_id = new_secret(PREFIX), new_id("bg_")
    await store.void_of_user(tx, user.id, now)
    await store.add(
        tx,
        {
            "id": glass_id,
            "fingerprint": fingerprint(secret),
            "account_id": account.id,
            "user_id": user.id,
            "reason": order.reason,
            "made_by": order.made_by[: rules.LONGEST_MAKER],
            "created_at": now,
            "expires_at": now + LINK_SECONDS,
            "used_at": None,
            "voided_at": None,
        },
    )
    await _record(tx, "break_glass.made", user, glass_id, None, now)
    await _tell(tx, outbox, MADE_LETTER, user, account.name, order, now)
    return secret


async def find(db: Tx | Database, secret: str, now: int) -> Glass | None:
    """What the link would do; nothing is spent."""
    row = await store.find(db, fingerprint(secret), now)
    user = await agents.get(db, row["account_id"], row["user_id"]) if row else None
    if row is None or user is None:
        return None
    if rules.refusal(await accounts.find(db, user.account_id), user) is not None:
        return None
    return Glass(
        row["id"], user, row["account_name"], row["reason"], row["made_by"], row["expires_at"]
    )


@dataclass(frozen=True, slots=True)
class Visit:
    """The browser in which the link is used."""

    user_agent: str
    old_session_secret: str | None = field(repr=False)
    reference: str


async def spend(
    tx: Tx, keyring: KeyRing, outbox: Outbox, secret: str, visit: Visit, now: int
) -> Spent:
    """Let the administrator in; raises BREAK_GLASS_SPENT, the same for everything that is wrong."""
    row = await store.claim(tx, fingerprint(secret), now)
    user = await agents.get(tx, row["account_id"], row["user_id"]) if row else None
    account = await accounts.find(tx, row["account_id"]) if row else None
    if row is None or user is None or account is None:
        raise ProblemError(Problem.BREAK_GLASS_SPENT)
    # Of the identity, so that whatever ends the person's access ends this, too. Without tokens
    # nobody asks the platform about it.
    begun = sessions.Start(
        user.id,
        user.account_id,
        METHOD,
        SESSION_SECONDS,
        visit.user_agent,
        issuer=user.issuer,
        subject=user.subject,
    )
    session_secret = await sessions.start(tx, keyring, begun, visit.old_session_secret, now)
    await _record(tx, "break_glass.used", user, row["id"], visit.reference, now)
    order = Order(user.account_id, user.id, row["reason"], row["made_by"])
    await _tell(tx, outbox, USED_LETTER, user, account.name, order, now)
    return Spent(session_secret, user.account_id)


async def void_of_user(tx: Tx, user_id: str, now: int) -> None:
    """Links that were made and not used."""
    await store.void_of_user(tx, user_id, now)


async def _record(
    tx: Tx, event: str, user: User, glass_id: str, reference: str | None, now: int
) -> None:
    await audit.record(
        tx,
        event,
        now,
        reference=reference,
        user_id=user.id,
        account_id=user.account_id,
        break_glass_id=glass_id,
    )


async def _tell(  # noqa: PLR0913, PLR0917 - one alarm
    tx: Tx, outbox: Outbox, kind: str, user: User, account: str, order: Order, now: int
) -> None:
    """The alarm: a mail to every administrator of the account, the person included."""
    for one in await store.list_administrators(tx, user.account_id):
        letter = {
            "to": one["email"],
            "name": one["name"],
            "locale": one["locale"],
            "person": user.name,
            "person_email": user.email,
            "account": account,
            "reason": order.reason,
            "made_by": order.made_by,
        }
        await outbox.add(tx, kind, letter, now)
