"""/platform/api/v1/probe: that the platform reaches this desk, and with the right token."""

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field
from starlette.requests import Request

from live_agent.api.accounts import PREFIX
from live_agent.api.token import PLATFORM_TOKEN
from live_agent.state import state_of

router = APIRouter(prefix=PREFIX, tags=["Doctor"])


class ProbeBody(BaseModel):
    """This side's values, none of them secret."""

    system: str = Field(description="Always `Live Agent`.")
    now: int = Field(description="Seconds since 1970, by this server's clock.")
    frontend_url: str = Field(description="FRONTEND_URL: where people reach Live Agent.")
    redirect_uri: str = Field(description="What is sent as `redirect_uri`.")
    client_id: str = Field(description="COGNIGY_OAUTH_CLIENT_ID.")
    issuer: str = Field(description="The issuer that ID tokens must name.")


@router.get("/probe", dependencies=[Depends(PLATFORM_TOKEN)])
async def show_probe(request: Request) -> ProbeBody:
    """What this side says of itself; the doctor compares it with what the platform says."""
    state = state_of(request)
    settings = state.settings
    return ProbeBody(
        system="Live Agent",
        now=state.clock.now(),
        frontend_url=settings.frontend_url,
        redirect_uri=settings.redirect_uri,
        client_id=settings.cognigy_oauth_client_id,
        issuer=settings.issuer,
    )
