"""/v2.0/live-agent: what the client of Live Agent asks, for the organisation of its token.

Nothing here takes an organisation: it is the one that the token is bound to.
"""

from typing import Annotated

from fastapi import APIRouter
from fastapi import Query as QueryOf
from starlette.requests import Request

from cognigy_ai.api import schemas
from cognigy_ai.api.caller import LiveAgent
from cognigy_ai.problems import Problem
from cognigy_ai.state import state_of
from cognigy_ai.users import access
from cognigy_ai.users.rules import Access
from kernel.log import get_logger
from kernel.problems import ProblemError

log = get_logger(__name__)

SEALED_FOR = "api/live-agent/people"
router = APIRouter(prefix="/v2.0/live-agent", tags=["Live Agent"])


@router.get("/people", summary="List whom Live Agent would let in")
async def list_desk_people(
    request: Request, caller: LiveAgent, query: Annotated[schemas.DeskPeopleQuery, QueryOf()]
) -> schemas.DeskPeople:
    """Everybody of the organisation, with what a login would say. For Live Agent's own client."""
    state, organisation_id = state_of(request), str(caller.organisation_id)
    after = ""
    if query.next is not None:
        place = state.keyring.open_sealed(SEALED_FOR, query.next)
        if not isinstance(place, str):
            raise ProblemError(Problem.CURSOR_INVALID)
        after = place
    found, more = await access.list_page(state.database, organisation_id, after, query.limit)
    log.info("people.told_to_live_agent", organisation_id=organisation_id, people=len(found))
    return schemas.DeskPeople(
        items=[_person_of(one) for one in found],
        next_cursor=None if more is None else state.keyring.seal(SEALED_FOR, more),
    )


def _person_of(one: Access) -> schemas.DeskPerson:
    return schemas.DeskPerson(
        sub=one.user_id,
        email=one.email,
        email_verified=one.email_verified,
        name=one.name,
        locale=one.locale,
        roles=list(one.roles),
        access_revision=one.access_revision,
        disabled=one.disabled,
    )
