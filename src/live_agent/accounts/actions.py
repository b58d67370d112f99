"""What can be done with accounts."""

from kernel.db import Database, Tx
from live_agent.accounts import store
from live_agent.accounts.rules import Account
from live_agent.audit import actions as audit


async def create(tx: Tx, name: str, organisation_id: str | None, now: int) -> Account:
    """A new account; raises UniqueViolation if the organisation has one already."""
    account = await store.insert_account(tx, name, organisation_id, now)
    await audit.record(
        tx, "account.created", now, account_id=account.id, organisation_id=organisation_id
    )
    return account


async def map_organisation(
    tx: Tx, account_id: int, organisation_id: str, now: int
) -> Account | None:
    """Give an account its organisation; None if it has one already or does not exist.

    Raises UniqueViolation if another account has the organisation: a mapping is never moved, or
    everybody of the organisation would meet another account's users.
    """
    account = await store.set_organisation(tx, account_id, organisation_id)
    if account is not None:
        await audit.record(
            tx, "account.mapped", now, account_id=account.id, organisation_id=organisation_id
        )
    return account


async def find(database: Tx | Database, account_id: int) -> Account | None:
    """The account with that number."""
    return await store.find(database, account_id)


async def list_accounts(database: Tx | Database) -> list[Account]:
    """All accounts, for the operator."""
    return await store.list_all(database)


async def suspend(tx: Tx, account_id: int, now: int) -> Account | None:
    """Nobody logs in from now on; the caller ends the sessions in the same transaction."""
    account = await store.suspend(tx, account_id, now)
    if account is not None:
        await audit.record(tx, "account.suspended", now, account_id=account.id)
    return account


async def resume(tx: Tx, account_id: int, now: int) -> Account | None:
    """People may log in again."""
    account = await store.resume(tx, account_id)
    if account is not None:
        await audit.record(tx, "account.resumed", now, account_id=account.id)
    return account


async def set_switches(
    tx: Tx, account_id: int, *, oauth_login: bool | None, linking: bool | None, now: int
) -> Account | None:
    """Switch the platform login or the move of old users on or off; None leaves one as it is."""
    account = await store.set_switches(tx, account_id, oauth_login=oauth_login, linking=linking)
    if account is not None:
        await audit.record(
            tx,
            "account.switched",
            now,
            account_id=account.id,
            oauth_login=account.oauth_login,
            linking=account.linking,
        )
    return account
