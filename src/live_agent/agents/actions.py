"""What can be done with the users of an account."""

from dataclasses import dataclass, field

from kernel.db import Database, Tx
from kernel.emails import email_key
from kernel.opaque import new_id
from live_agent.accounts.rules import Account
from live_agent.agents.changes import Changes, record_changes
from live_agent.agents.rules import PRESENCES, User, joined, user_from
from live_agent.agents.store import old_passwords, people
from live_agent.audit import actions as audit

LONGEST_NAME = 200
LONGEST_LOCALE = 16
LONGEST_EMAIL = 320
NO_ADDRESS = " "  # no key: those are trimmed
MOST_CREDENTIALS = 5  # users with one address that a password is tried for


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the platform says that somebody is: the key, and what is refreshed at each login."""

    issuer: str
    subject: str
    email: str | None
    name: str
    locale: str
    roles: tuple[str, ...]
    access_revision: int | None


@dataclass(frozen=True, slots=True)
class OldUser:
    """Somebody who is to log in with a password until the move."""

    account_id: int
    email: str
    name: str
    roles: tuple[str, ...]
    digest: str | None = field(repr=False)
    confirmed: bool  # the operator knows, or a mailed link showed, that the address is theirs


@dataclass(frozen=True, slots=True)
class Credentials:
    """A user with the digest that was read, for a check outside any transaction."""

    user: User
    account_name: str
    account_suspended: bool
    digest: str | None = field(repr=False)

    @property
    def refusal(self) -> str | None:
        """Why even the right password opens nothing, or None."""
        if self.user.linked:
            return "moved"
        if self.user.disabled:
            return "disabled"
        if self.user.old_login_closed:
            return "closed"
        if not self.user.confirmed:
            return "not_confirmed"
        return "suspended" if self.account_suspended else None


async def create_old(tx: Tx, new: OldUser, now: int, *, by: str = "operator") -> str:
    """A user who logs in with a password until the move; returns the id."""
    user_id = new_id("us_")
    values = _row(user_id, new.account_id, new.email, new.name, now)
    await people.add(
        tx,
        values
        | {
            "roles": joined(new.roles),
            "confirmed_at": now if new.confirmed else None,
            "password_digest": new.digest,
        },
    )
    await audit.record(tx, "user.created", now, user_id=user_id, account_id=new.account_id, by=by)
    return user_id


async def create_linked(tx: Tx, account_id: int, identity: Identity, now: int) -> str:
    """A user who came by the platform and has no password at all; raises UniqueViolation."""
    user_id = new_id("us_")
    email = identity.email or ""
    values = _row(user_id, account_id, email, identity.name or email, now)
    await people.add(
        tx,
        values
        | {
            # Without an address there is nothing to compare: a key that no address can be.
            "email_key": email_key(email) if email else user_id,
            "issuer": identity.issuer,
            "subject": identity.subject,
            "locale": identity.locale[:LONGEST_LOCALE],
            "roles": joined(identity.roles),
            "access_revision": identity.access_revision or 0,
            "last_login_at": now,
            "last_login_method": "cognigy",
        },
    )
    return user_id


async def refresh(
    tx: Tx, user: User, identity: Identity, now: int, *, keep_email: bool = False
) -> bool:
    """Take over what the platform says; `keep_email` when a colleague holds the new address.

    False if the user was deleted or disabled in the meantime.
    """
    email = user.email if keep_email or not identity.email else identity.email
    name = (identity.name or email)[:LONGEST_NAME]
    await record_changes(tx, user, Changes(email, name, identity.roles), now)
    return await people.refresh(
        tx,
        user.id,
        {
            "email": email[:LONGEST_EMAIL],
            "email_key": email_key(email) if email else user.id,
            "name": name,
            "locale": identity.locale[:LONGEST_LOCALE],
            "roles": joined(identity.roles),
            "access_revision": _newest(identity.access_revision, user),
            "now": now,
        },
    )


async def link(
    tx: Tx, user: User, identity: Identity, now: int, *, confirmed_by_mail: bool = False
) -> bool:
    """Give an old user its platform identity and close every door that a password opens.

    False if somebody was quicker; nothing has changed then. Sessions are ended by the caller.
    """
    linked = await people.link(
        tx,
        user.id,
        {
            "issuer": identity.issuer,
            "subject": identity.subject,
            "confirmed_at": now if confirmed_by_mail else None,
            "now": now,
        },
    )
    if linked:
        await people.void_links(tx, user.id, now)
        await people.end_api_tokens(tx, user.id, now)
    return linked


async def void_links(tx: Tx, user_id: str, now: int) -> None:
    """Mailed links of an old login that is closed."""
    await people.void_links(tx, user_id, now)


def _newest(access_revision: int | None, user: User) -> int:
    return max(access_revision or 0, user.access_revision)


async def take_roles(tx: Tx, user: User, access_revision: int | None, now: int) -> None:
    """All roles are gone in Cognigy.AI: all rights are gone here."""
    await record_changes(tx, user, Changes(user.email, user.name, ()), now)
    await people.take_roles(tx, user.id, _newest(access_revision, user))
    await people.end_api_tokens(tx, user.id, now)


async def find_for_login(
    tx: Tx, organisation_id: str, identity: Identity
) -> tuple[Account | None, User | None, list[User]]:
    """The account, whom the identity owns in it, and who has its address; all of one moment."""
    key = email_key(identity.email) if identity.email else NO_ADDRESS
    account, found = await people.find_for_login(
        tx, organisation_id, (identity.issuer, identity.subject), key
    )
    owned = (identity.issuer, identity.subject)
    owner = next((user for user in found if (user.issuer, user.subject) == owned), None)
    return account, owner, [user for user in found if user.email_key == key]


async def list_by_email(tx: Tx | Database, account_id: int, email: str) -> list[User]:
    """Everybody of the account with that address, whatever their state."""
    return await people.list_by_email(tx, account_id, email_key(email))


async def list_users(tx: Tx | Database, account_id: int) -> list[User]:
    """Everybody of the account."""
    return await people.list_of_account(tx, account_id)


async def get(tx: Tx | Database, account_id: int, user_id: str) -> User | None:
    """One user of the account."""
    return await people.get(tx, account_id, user_id)


async def set_presence(tx: Tx | Database, user_id: str, presence: str) -> None:
    """What the person chose; ValueError for a word that is no presence."""
    if presence not in PRESENCES:
        raise ValueError(presence)
    await people.set_presence(tx, user_id, presence)


async def disable(tx: Tx, account_id: int, user_id: str, now: int) -> User | None:
    """The caller ends the sessions in the same transaction."""
    user = await people.disable(tx, account_id, user_id, now)
    if user is not None:
        await people.end_api_tokens(tx, user_id, now)
        await audit.record(tx, "user.disabled", now, user_id=user_id, account_id=account_id)
    return user


async def enable(tx: Tx, account_id: int, user_id: str, now: int, **said: str) -> User | None:
    """Let the user log in again; `said`: by whom and why, for the audit log."""
    user = await people.enable(tx, account_id, user_id)
    if user is not None:
        await audit.record(tx, "user.enabled", now, user_id=user_id, account_id=account_id, **said)
    return user


async def set_password(tx: Tx, account_id: int, user_id: str, digest: str, now: int) -> User | None:
    """None for a moved user, whose password belongs to Cognigy.AI."""
    user = await old_passwords.set_digest(tx, account_id, user_id, digest)
    if user is not None:
        await people.void_links(tx, user_id, now)
        await audit.record(tx, "user.password_set", now, user_id=user_id, account_id=account_id)
    return user


async def has_old_users(database: Tx | Database) -> bool:
    """Does anybody still log in with an old password?"""
    return await old_passwords.has_old_users(database)


async def list_credentials(database: Tx | Database, email: str) -> list[Credentials]:
    """Users with that address in all accounts, for the old login: first who may log in so."""
    rows = await old_passwords.list_credentials(database, email_key(email), MOST_CREDENTIALS)
    return [
        Credentials(
            user=user_from(row),
            account_name=row["account_name"],
            account_suspended=row["account_suspended_at"] is not None,
            digest=row["password_digest"],
        )
        for row in rows
    ]


async def find_bcrypt_cost(database: Tx | Database) -> int | None:
    """The highest cost among the bcrypt digests of users who have not moved; None without any."""
    return await old_passwords.find_bcrypt_cost(database)


async def find_digest(database: Tx | Database, user_id: str) -> str | None:
    """The digest of an old user's password."""
    return await old_passwords.find_digest(database, user_id)


async def digest_is_still(tx: Tx, user_id: str, digest_read: str) -> bool:
    """Is it the digest that was verified, and the user not moved? Held until the commit."""
    return await old_passwords.digest_is_still(tx, user_id, digest_read)


async def claim_old_login(tx: Tx, user_id: str, digest_read: str, digest: str, now: int) -> bool:
    """Note the login if all is as it was read; `digest` replaces an outdated one."""
    return await old_passwords.claim_old_login(tx, user_id, digest_read, digest, now)


def _row(user_id: str, account_id: int, email: str, name: str, now: int) -> dict[str, object]:
    return {
        "id": user_id,
        "account_id": account_id,
        "issuer": None,
        "subject": None,
        "email": email[:LONGEST_EMAIL],
        "email_key": email_key(email),
        "name": name[:LONGEST_NAME],
        "locale": "",
        "roles": "",
        "presence": "online",
        "confirmed_at": None,
        "password_digest": None,
        "password_closed_at": None,
        "access_revision": 0,
        "created_at": now,
        "moved_at": None,
        "moved_email": None,
        "last_login_at": None,
        "last_login_method": None,
        "disabled_at": None,
        "purged_at": None,
        "erase_at": None,
    }
