"""/management/v2.0: organisations and their people. Operators see all, others their own."""

from typing import Annotated

from fastapi import APIRouter
from fastapi import Query as QueryOf
from starlette.requests import Request
from starlette.responses import Response

from cognigy_ai.api import schemas
from cognigy_ai.api.caller import Caller, Operator, OrganisationReader, UserReader, UserWriter
from cognigy_ai.api.people import Order, create_person, list_people
from cognigy_ai.api.users import USERS
from cognigy_ai.api.views import organisation_of
from cognigy_ai.organisations import actions as organisations
from cognigy_ai.organisations.rules import Organisation
from cognigy_ai.problems import Problem
from cognigy_ai.state import state_of
from kernel.problems import ProblemError

ORGANISATIONS = "/management/v2.0/organisations"
SEALED_FOR = "api/organisations"
router = APIRouter(prefix="/management/v2.0", tags=["Management"])


@router.get("/organisations", summary="List organisations")
async def list_organisations(
    request: Request,
    caller: OrganisationReader,
    query: Annotated[schemas.OrganisationsQuery, QueryOf()],
) -> schemas.Organisations:
    """By name. An operator's key lists all, others the one that they belong to."""
    state = state_of(request)
    skip = _place(request, query)
    if caller.organisation_id is None:
        found = await organisations.list_page(state.database, query.filter, query.limit + 1, skip)
    else:
        own = await organisations.get(state.database, caller.organisation_id)
        found = [own][skip:] if query.filter.casefold() in own.name.casefold() else []
    more = skip + query.limit if len(found) > query.limit else None
    return schemas.Organisations(
        items=[organisation_of(one) for one in found[: query.limit]],
        next_cursor=None if more is None else state.keyring.seal(SEALED_FOR, more),
    )


@router.post("/organisations", summary="Make an organisation", status_code=201)
async def create_organisation(
    request: Request, _caller: Operator, new: schemas.NewOrganisation, response: Response
) -> schemas.Organisation:
    """Only with a key of an operator."""
    state = state_of(request)
    async with state.database.transaction() as tx:
        made = await organisations.create(tx, new.name, state.clock.now(), new.id)
    response.headers["location"] = f"{ORGANISATIONS}/{made}"
    return organisation_of(await organisations.get(state.database, made))


@router.get("/organisations/{organisationId}", summary="Read an organisation")
async def read_organisation(
    request: Request,
    caller: OrganisationReader,
    organisationId: str,  # noqa: N803
) -> schemas.Organisation:
    """Another one than one's own is as absent as none."""
    return organisation_of(await _get(request, caller, organisationId))


@router.patch("/organisations/{organisationId}", summary="Rename an organisation")
async def change_organisation(
    request: Request,
    caller: Operator,
    organisationId: str,  # noqa: N803
    changed: schemas.ChangedOrganisation,
) -> schemas.Organisation:
    """Only with a key of an operator."""
    state = state_of(request)
    if changed.name is not None:
        async with state.database.transaction() as tx:
            await organisations.rename(tx, organisationId, changed.name, state.clock.now())
    return organisation_of(await _get(request, caller, organisationId))


@router.post("/organisations/{organisationId}/suspend", summary="Suspend an organisation")
async def suspend_organisation(
    request: Request,
    caller: Operator,
    organisationId: str,  # noqa: N803
) -> schemas.Organisation:
    """Nobody there gets in any more: sessions end, here and in Live Agent."""
    state = state_of(request)
    async with state.database.transaction() as tx:
        await organisations.suspend(tx, state.outbox, organisationId, state.clock.now())
    state.courier.wake()
    return organisation_of(await _get(request, caller, organisationId))


@router.post("/organisations/{organisationId}/resume", summary="Resume an organisation")
async def resume_organisation(
    request: Request,
    caller: Operator,
    organisationId: str,  # noqa: N803
) -> schemas.Organisation:
    """People there can sign in again."""
    state = state_of(request)
    async with state.database.transaction() as tx:
        await organisations.resume(tx, state.outbox, organisationId, state.clock.now())
    state.courier.wake()
    return organisation_of(await _get(request, caller, organisationId))


@router.get("/users", summary="List people of an organisation")
async def list_managed_users(
    request: Request, caller: UserReader, query: Annotated[schemas.UsersQuery, QueryOf()]
) -> schemas.Users:
    """As `GET /v2.0/users`; an operator names the organisation."""
    return await list_people(request, caller, query)


@router.post("/users", summary="Make a person in an organisation", status_code=201)
async def create_managed_user(
    request: Request, caller: UserWriter, new: schemas.NewManagedUser, response: Response
) -> schemas.User:
    """As `POST /v2.0/users`, in the organisation that is named."""
    order = Order(new.organisation, new.id, new.name, new.roles, new.locale, new.password)
    made = await create_person(request, caller, order)
    response.headers["location"] = f"{USERS}/{made.object_id}"
    return made


async def _get(request: Request, caller: Caller, organisation_id: str) -> Organisation:
    if caller.organisation_id not in (None, organisation_id):
        raise ProblemError(Problem.ORGANISATION_UNKNOWN, organisation_id=organisation_id)
    return await organisations.get(state_of(request).database, organisation_id)


def _place(request: Request, query: schemas.OrganisationsQuery) -> int:
    """How many to leave out: what `next` holds, else `skip`; raises CURSOR_INVALID."""
    if query.next is None:
        return query.skip
    place = state_of(request).keyring.open_sealed(SEALED_FOR, query.next)
    if not isinstance(place, int) or query.skip:
        raise ProblemError(Problem.CURSOR_INVALID)
    return place
