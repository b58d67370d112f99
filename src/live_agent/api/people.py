"""/api/v1: what a program reads in the name of a person (the Application API)."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field
from starlette.requests import Request

from kernel.problems import ProblemError
from live_agent.api.schemas import AccountUserListing
from live_agent.api.user_token import USER_TOKEN
from live_agent.api_tokens.rules import Holder
from live_agent.problems import Problem
from live_agent.sessions import people
from live_agent.state import state_of

PREFIX = "/api/v1"
Caller = Annotated[Holder, Depends(USER_TOKEN)]

router = APIRouter(prefix=PREFIX, tags=["Application API"])


class ProfileBody(BaseModel):
    """Whose token it is."""

    id: str
    account_id: int
    account_name: str
    name: str
    email: str
    roles: list[str] = Field(description="`administrator`, `supervisor`, `agent`.")


class AgentBody(BaseModel):
    """Somebody who works in the account."""

    id: str
    name: str
    email: str
    roles: list[str] = Field(description="`administrator`, `supervisor`, `agent`.")
    availability_status: str = Field(
        description="`online`, `busy`, `away`; `offline` for whoever is signed out."
    )


class AgentPage(BaseModel):
    """Agents in the order of their ids."""

    agents: list[AgentBody]
    next: str | None = Field(description="`after` of the next page; null: this is the last one.")


@router.get("/profile")
async def show_own_profile(caller: Caller) -> ProfileBody:
    """The person whose token it is, with the roles of this moment."""
    return ProfileBody(
        id=caller.user_id,
        account_id=caller.account_id,
        account_name=caller.account_name,
        name=caller.name,
        email=caller.email,
        roles=list(caller.roles),
    )


@router.get("/accounts/{account_id}/agents")
async def list_agents(
    account_id: int,
    listing: Annotated[AccountUserListing, Query()],
    caller: Caller,
    request: Request,
) -> AgentPage:
    """The colleagues in the token's own account; another account is not there at all."""
    if account_id != caller.account_id:
        raise ProblemError(Problem.ACCOUNT_UNKNOWN)
    state = state_of(request)
    found, following = await people.list_agents(
        state.database, account_id, listing.after, listing.limit, state.clock.now()
    )
    return AgentPage(
        agents=[
            AgentBody(
                id=one.id,
                name=one.name,
                email=one.email,
                roles=list(one.roles),
                availability_status=one.presence,
            )
            for one in found
        ],
        next=following,
    )
