"""What can be done with accounts. A deleted one is as unknown as one that never was."""

from kernel.db import Database, Tx, UniqueViolation
from kernel.problems import ProblemError
from live_agent.accounts import store
from live_agent.accounts.rules import Account
from live_agent.audit import actions as audit
from live_agent.problems import Problem

OPERATOR = "operator"
MOST_ATTEMPTS = 4


async def create(
    tx: Tx, name: str, organisation_id: str | None, now: int, *, by: str = OPERATOR
) -> Account:
    """A new account; raises UniqueViolation if the organisation has one already."""
    account = await store.insert_account(tx, name, organisation_id, now)
    await audit.record(
        tx, "account.created", now, account_id=account.id, organisation_id=organisation_id, by=by
    )
    return account


async def find_or_create(
    database: Database, name: str, organisation_id: str, now: int, *, by: str
) -> tuple[Account, bool]:
    """The organisation's account, and whether it was made now: there is never a second one.

    Of many callers at once, one makes it and the others find it.
    """
    for _ in range(MOST_ATTEMPTS):
        try:
            async with database.transaction() as tx:
                known = await store.find_by_organisation(tx, organisation_id)
                if known is not None:
                    return known, False
                return await create(tx, name, organisation_id, now, by=by), True
        except UniqueViolation:
            continue  # somebody was quicker: theirs is found, unless it is deleted by now
    raise ProblemError(Problem.SERVER_BUSY, retry_after=1)


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


async def lock(tx: Tx, account_id: int) -> bool:
    """Who decides who works there, one after the other until the commit; False: no such account."""
    return await store.lock(tx, account_id)


async def list_accounts(database: Tx | Database) -> list[Account]:
    """All accounts, for the operator."""
    return await store.list_all(database)


async def list_page(
    database: Tx | Database, organisation_id: str | None, after: int, most: int
) -> tuple[list[Account], int | None]:
    """Accounts with a number above `after`, and the `after` of the next page."""
    found = await store.list_page(database, organisation_id, after, most + 1)
    shown = found[:most]
    return shown, shown[-1].id if len(found) > most else None


async def rename(tx: Tx, account: Account, name: str, now: int, *, by: str = OPERATOR) -> Account:
    """Another name; the same one changes nothing."""
    if name == account.name:
        return account
    await audit.record(tx, "account.renamed", now, account_id=account.id, by=by)
    return await store.rename(tx, account.id, name) or account


async def suspend(tx: Tx, account_id: int, now: int, *, by: str = OPERATOR) -> Account | None:
    """Nobody logs in from now on; the caller ends the sessions in the same transaction."""
    account = await store.suspend(tx, account_id, now)
    if account is not None:
        await audit.record(tx, "account.suspended", now, account_id=account.id, by=by)
    return account


async def resume(tx: Tx, account_id: int, now: int, *, by: str = OPERATOR) -> Account | None:
    """People may log in again."""
    account = await store.resume(tx, account_id)
    if account is not None:
        await audit.record(tx, "account.resumed", now, account_id=account.id, by=by)
    return account


async def delete(tx: Tx, account_id: int, now: int, *, by: str = OPERATOR) -> Account | None:
    """The account is unknown from now on; the caller deletes what belongs to it."""
    account = await store.delete(tx, account_id, now)
    if account is not None:
        await audit.record(tx, "account.deleted", now, account_id=account.id, by=by)
    return account


async def set_switches(
    tx: Tx,
    account_id: int,
    *,
    oauth_login: bool | None = None,
    linking: bool | None = None,
    second_approval: bool | None = None,
    now: int,
) -> Account | None:
    """Switch the platform login, the move of old users, or the second approval on or off.

    None leaves one as it is.
    """
    account = await store.set_switches(
        tx,
        account_id,
        oauth_login=oauth_login,
        linking=linking,
        second_approval=second_approval,
    )
    if account is not None:
        await audit.record(
            tx,
            "account.switched",
            now,
            account_id=account.id,
            oauth_login=account.oauth_login,
            linking=account.linking,
            second_approval=account.second_approval,
        )
    return account


async def require_second_approval(tx: Tx, account_id: int, now: int, *, by: str) -> None:
    """An administrator may switch it on; only the operator switches it off (ADR 0027)."""
    await store.lock(tx, account_id)
    account = await store.find(tx, account_id)
    if account is None or account.second_approval:
        return  # somebody was quicker
    await store.set_switches(tx, account_id, oauth_login=None, linking=None, second_approval=True)
    await audit.record(
        tx,
        "account.second_approval",
        now,
        account_id=account_id,
        by=by,
        before=False,
        after=True,
    )
