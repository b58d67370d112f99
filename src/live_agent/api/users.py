"""/platform/api/v1/users and /accounts/{id}/account_users: read and delete.

People arrive by their first login, so nobody is made here; and there is no link that logs somebody
in as another person.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request

from kernel.db import Tx
from kernel.problems import ProblemError
from kernel.web.api.values import PlainText
from live_agent.agents import directory
from live_agent.agents.rules import User
from live_agent.api.accounts import PLATFORM, PREFIX, get_account
from live_agent.api.schemas import (
    AccountUserListing,
    AccountUserPage,
    UserBody,
    account_user_body,
    user_body,
)
from live_agent.api.token import PLATFORM_TOKEN
from live_agent.problems import Problem
from live_agent.state import state_of

router = APIRouter(prefix=PREFIX, tags=["Users"])
MAY = [Depends(PLATFORM_TOKEN)]
UserId = Annotated[PlainText, Query(min_length=1, max_length=40, description="The user's id.")]


@router.get("/accounts/{account_id}/account_users", dependencies=MAY)
async def list_account_users(
    account_id: int, listing: Annotated[AccountUserListing, Query()], request: Request
) -> AccountUserPage:
    """The users of an account, in the order of their ids."""
    database = state_of(request).database
    account = await get_account(database, account_id)
    found, following = await directory.list_page(database, account.id, listing.after, listing.limit)
    return AccountUserPage(account_users=[account_user_body(one) for one in found], next=following)


@router.delete("/accounts/{account_id}/account_users", status_code=204, dependencies=MAY)
async def delete_account_user(account_id: int, user_id: UserId, request: Request) -> None:
    """Take a user out of an account: the user is deleted, since nobody is in two accounts."""
    state = state_of(request)
    async with state.database.transaction() as tx:
        account = await get_account(tx, account_id)
        user = await get_user(tx, user_id)
        if user.account_id != account.id:
            raise ProblemError(Problem.USER_UNKNOWN)
        await directory.delete(tx, user, state.clock.now(), by=PLATFORM)


@router.get("/users/{user_id}", dependencies=MAY)
async def show_user(user_id: str, request: Request) -> UserBody:
    """One user."""
    return user_body(await get_user(state_of(request).database, user_id))


@router.delete("/users/{user_id}", status_code=204, dependencies=MAY)
async def delete_user(user_id: str, request: Request) -> None:
    """Delete a user with every session, API token and link. The next login makes a new one."""
    state = state_of(request)
    async with state.database.transaction() as tx:
        user = await get_user(tx, user_id)
        await directory.delete(tx, user, state.clock.now(), by=PLATFORM)


async def get_user(tx: Tx, user_id: str) -> User:
    """The user; raises USER_UNKNOWN."""
    user = await directory.find(tx, user_id)
    if user is None:
        raise ProblemError(Problem.USER_UNKNOWN)
    return user
