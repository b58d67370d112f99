"""/v2.0/users: the people of the caller's organisation."""

from typing import Annotated

from fastapi import APIRouter
from fastapi import Query as QueryOf
from starlette.requests import Request
from starlette.responses import Response

from cognigy_ai.api import schemas
from cognigy_ai.api.caller import Caller, RoleGiver, UserReader, UserWriter
from cognigy_ai.api.people import Order, create_person, list_people
from cognigy_ai.api.views import user_of
from cognigy_ai.problems import Problem
from cognigy_ai.roles import actions as roles
from cognigy_ai.state import state_of
from cognigy_ai.users import administration, listing
from kernel.problems import ProblemError

USERS = "/v2.0/users"
router = APIRouter(prefix=USERS, tags=["Users"])


@router.get("", summary="List people")
async def list_users(
    request: Request, caller: UserReader, query: Annotated[schemas.UsersQuery, QueryOf()]
) -> schemas.Users:
    """By name, a page at a time; `nextCursor` leads to the next page of the same list."""
    return await list_people(request, caller, query)


@router.post("", summary="Make a person", status_code=201)
async def create_user(
    request: Request, caller: UserWriter, new: schemas.NewUser, response: Response
) -> schemas.User:
    """Their e-mail address counts as unverified until a link that was mailed there is used."""
    if caller.organisation_id is None:
        raise ProblemError(Problem.ORGANISATION_MISSING)
    order = Order(caller.organisation_id, new.email, new.name, new.roles, new.locale, new.password)
    made = await create_person(request, caller, order)
    response.headers["location"] = f"{USERS}/{made.object_id}"
    return made


@router.get("/{userId}", summary="Read a person")
async def read_user(request: Request, caller: UserReader, userId: str) -> schemas.User:  # noqa: N803
    """Somebody of another organisation is as absent as nobody."""
    return await _read(request, caller, userId)


@router.patch("/{userId}", summary="Change a person")
async def change_user(
    request: Request,
    caller: UserWriter,
    userId: str,  # noqa: N803
    changed: schemas.ChangedUser,
) -> schemas.User:
    """Name and language. An e-mail address is changed by its owner; roles have their own calls."""
    state = state_of(request)
    async with state.database.transaction() as tx:
        await administration.change(
            tx, caller.by, userId, state.clock.now(), name=changed.name, locale=changed.locale
        )
    return await _read(request, caller, userId)


@router.delete("/{userId}", summary="Delete a person", status_code=204)
async def delete_user(request: Request, caller: UserWriter, userId: str) -> None:  # noqa: N803
    """They are signed out and gone; it cannot be undone."""
    state = state_of(request)
    async with state.database.transaction() as tx:
        await administration.delete(tx, caller.by, userId, state.clock.now())


@router.post("/{userId}/addroletouser", summary="Give a role")
async def give_role(
    request: Request,
    caller: RoleGiver,
    userId: str,  # noqa: N803
    given: schemas.OneRole,
) -> schemas.User:
    """Nothing happens if they have it. `admin` is given by an admin only."""
    state = state_of(request)
    async with state.database.transaction() as tx:
        await administration.give(tx, caller.by, userId, given.role, state.clock.now())
    return await _read(request, caller, userId)


@router.post("/{userId}/removerolefromuser", summary="Take a role")
async def take_role(
    request: Request,
    caller: RoleGiver,
    userId: str,  # noqa: N803
    taken: schemas.OneRole,
) -> schemas.User:
    """Nothing happens if they do not have it. The last administrator stays one."""
    state = state_of(request)
    roles.check_known((taken.role,))
    async with state.database.transaction() as tx:
        await administration.take(tx, caller.by, userId, taken.role, state.clock.now())
    return await _read(request, caller, userId)


@router.post("/{userId}/disable", summary="Disable a person")
async def disable_user(request: Request, caller: UserWriter, userId: str) -> schemas.User:  # noqa: N803
    """All their access ends now."""
    state = state_of(request)
    async with state.database.transaction() as tx:
        await administration.disable(tx, caller.by, userId, state.clock.now())
    return await _read(request, caller, userId)


@router.post("/{userId}/enable", summary="Enable a person")
async def enable_user(request: Request, caller: UserWriter, userId: str) -> schemas.User:  # noqa: N803
    """They may sign in again; what was ended stays ended."""
    state = state_of(request)
    async with state.database.transaction() as tx:
        await administration.enable(tx, caller.by, userId, state.clock.now())
    return await _read(request, caller, userId)


async def _read(request: Request, caller: Caller, user_id: str) -> schemas.User:
    database = state_of(request).database
    return user_of(await listing.get_person(database, caller.organisation_id, user_id))
