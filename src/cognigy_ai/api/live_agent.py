"""/v2.0/live-agent: what the client of Live Agent asks, for the organisation of its token.

Nothing here takes an organisation: it is the one that the token is bound to.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter
from fastapi import Query as QueryOf
from starlette.requests import Request
from starlette.responses import Response

from cognigy_ai.api import schemas
from cognigy_ai.api.caller import LiveAgent
from cognigy_ai.imports import proposals
from cognigy_ai.imports.rules import Import, Line, fault_of
from cognigy_ai.problems import Problem
from cognigy_ai.state import state_of
from cognigy_ai.users import access
from cognigy_ai.users.rules import LOCALES, Access
from kernel.log import get_logger
from kernel.problems import ProblemError

log = get_logger(__name__)

SEALED_FOR = "api/live-agent/people/by-id"
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


@router.post("/proposals", summary="Propose people", status_code=201)
async def propose_people(
    request: Request, caller: LiveAgent, new: schemas.NewProposal, response: Response
) -> schemas.Proposal:
    """Nobody is made by it: an administrator of the organisation starts it in the Admin Center."""
    state, organisation_id = state_of(request), str(caller.organisation_id)
    kept, is_new = await proposals.propose(
        state.database,
        state.keyring,
        organisation_id,
        new.id,
        new.proposed_by,
        _lines(new.people),
        state.clock.now(),
    )
    if not is_new:
        response.status_code = 200
    return _proposal_of(new.id, kept)


@router.get("/proposals/{proposalId}", summary="Read how far a proposal is")
async def read_proposal(
    request: Request,
    caller: LiveAgent,
    proposalId: str,  # noqa: N803
) -> schemas.Proposal:
    """One that was discarded, or that another organisation has, is not there."""
    state, organisation_id = state_of(request), str(caller.organisation_id)
    return _proposal_of(
        proposalId, await proposals.get(state.database, organisation_id, proposalId)
    )


def _lines(people: Sequence[schemas.ProposedPerson]) -> list[Line]:
    """Judged as the rows of a file are."""
    lines: list[Line] = []
    known: dict[str, int] = {}
    for number, one in enumerate(people, start=1):
        locale = one.locale if one.locale in LOCALES else ""
        line = Line(number, one.email.strip(), one.name.strip(), one.roles, locale)
        lines.append(replace(line, fault=fault_of(line, known)))
        known.setdefault(line.key, number)
    return lines


def _proposal_of(proposal_id: str, found: Import) -> schemas.Proposal:
    return schemas.Proposal(id=proposal_id, state=found.state, total=found.total, done=found.done)


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
