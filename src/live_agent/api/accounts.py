"""/platform/api/v1/accounts: one account for each organisation, set up by the platform."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from kernel.db import Tx
from kernel.problems import ProblemError
from live_agent.accounts import actions as accounts
from live_agent.accounts.rules import MOST_NUMBER, Account
from live_agent.api.schemas import (
    AccountBody,
    AccountChange,
    AccountListing,
    AccountPage,
    NewAccount,
    account_body,
)
from live_agent.api.token import PLATFORM_TOKEN
from live_agent.migration import actions as migration
from live_agent.problems import Problem
from live_agent.sessions import actions as sessions
from live_agent.state import state_of

PREFIX = "/platform/api/v1"
PLATFORM = "platform"  # who did it, in the audit trail

router = APIRouter(prefix=f"{PREFIX}/accounts", tags=["Accounts"])
MAY = [Depends(PLATFORM_TOKEN)]
KNOWN: dict[int | str, dict[str, Any]] = {
    200: {"model": AccountBody, "description": "The account that the organisation has."},
}


@router.post("", status_code=201, dependencies=MAY, responses=KNOWN)
async def create_account(new: NewAccount, request: Request, response: Response) -> AccountBody:
    """Set the account of an organisation up.

    Safe to repeat: an organisation that has an account keeps it, and its number is answered with
    status 200. That is also how an account that an operator mapped is adopted.
    """
    state = state_of(request)
    account, made = await accounts.find_or_create(
        state.database, new.name.strip(), new.organisation_id, state.clock.now(), by=PLATFORM
    )
    response.status_code = 201 if made else 200
    response.headers["location"] = f"{PREFIX}/accounts/{account.id}"
    return account_body(account)


@router.get("", dependencies=MAY)
async def list_accounts(
    listing: Annotated[AccountListing, Query()], request: Request
) -> AccountPage:
    """Accounts in the order of their numbers, or the one of an organisation."""
    found, following = await accounts.list_page(
        state_of(request).database, listing.organisation_id, listing.after, listing.limit
    )
    return AccountPage(accounts=[account_body(one) for one in found], next=following)


@router.get("/{account_id}", dependencies=MAY)
async def show_account(account_id: int, request: Request) -> AccountBody:
    """One account."""
    return account_body(await get_account(state_of(request).database, account_id))


@router.patch("/{account_id}", dependencies=MAY)
async def change_account(account_id: int, change: AccountChange, request: Request) -> AccountBody:
    """Rename, suspend or resume an account. Suspending ends its sessions at once."""
    state = state_of(request)
    now = state.clock.now()
    async with state.database.transaction() as tx:
        account = await get_account(tx, account_id)
        meant = change.organisation_id
        if meant is not None and meant != account.organisation_id:
            raise ProblemError(Problem.ORGANISATION_DIFFERS, account_id=account.id)
        if change.name is not None:
            account = await accounts.rename(tx, account, change.name.strip(), now, by=PLATFORM)
        if change.status is not None:
            account = await _set_status(tx, account, change.status, now)
    return account_body(account)


@router.delete("/{account_id}", status_code=204, dependencies=MAY)
async def delete_account(account_id: int, request: Request) -> None:
    """Delete an account with its people and their sessions. Its number is never given again."""
    state = state_of(request)
    async with state.database.transaction() as tx:
        account = await get_account(tx, account_id)
        await migration.delete_account(tx, account.id, state.clock.now(), by=PLATFORM)


async def get_account(tx: Tx, account_id: int) -> Account:
    """The account; raises ACCOUNT_UNKNOWN also for a number that no account can have."""
    known = 0 < account_id <= MOST_NUMBER
    account = await accounts.find(tx, account_id) if known else None
    if account is None:
        raise ProblemError(Problem.ACCOUNT_UNKNOWN)
    return account


async def _set_status(tx: Tx, account: Account, status: str, now: int) -> Account:
    if (status == "suspended") == account.suspended:
        return account
    if status == "active":
        return await accounts.resume(tx, account.id, now, by=PLATFORM) or account
    await sessions.end_of_account(tx, account.id, "suspended", now)
    return await accounts.suspend(tx, account.id, now, by=PLATFORM) or account
