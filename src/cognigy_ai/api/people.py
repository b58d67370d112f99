"""Listing and making people, which two addresses of the JSON API have."""

from dataclasses import dataclass, field

from starlette.requests import Request

from cognigy_ai.api import schemas
from cognigy_ai.api.caller import Caller
from cognigy_ai.api.views import user_of
from cognigy_ai.organisations import actions as organisations
from cognigy_ai.problems import Problem
from cognigy_ai.roles import actions as roles
from cognigy_ai.state import State, state_of
from cognigy_ai.users import actions as users
from cognigy_ai.users import administration, links, listing, passwords
from cognigy_ai.users import rules as user_rules
from cognigy_ai.users.mail_limits import INVITATION
from cognigy_ai.users.policy import PasswordPolicy
from cognigy_ai.users.queries import Query, Sort
from cognigy_ai.users.queries import State as UserState
from kernel.db import Tx
from kernel.problems import ProblemError
from kernel.words import asked_words


@dataclass(frozen=True, slots=True)
class Order:
    """Who is to be made, and where."""

    organisation_id: str
    email: str
    name: str
    roles: tuple[str, ...]
    locale: str
    password: str | None = field(repr=False)


async def list_people(request: Request, caller: Caller, query: schemas.UsersQuery) -> schemas.Users:
    """A page of people, by name. Raises CURSOR_INVALID, ROLE_UNKNOWN, ORGANISATION_UNKNOWN."""
    state = state_of(request)
    there = await organisation_for(state, caller, query.organisation)
    if query.role is not None:
        roles.check_known((query.role,))
    words = asked_words(query.filter)
    if query.filter.strip() and not words:
        return schemas.Users(items=[], next_cursor=None)  # nothing that a name may hold
    cursor = None
    if query.next is not None:
        cursor = listing.open_cursor(state.keyring, query.next, Sort.NAME)
        if cursor is None:
            raise ProblemError(Problem.CURSOR_INVALID)
    wanted = Query(there, words, query.role, _state_of(query), limit=query.limit)
    page = await listing.list_page(state.database, wanted, cursor)
    return schemas.Users(
        items=[user_of(person) for person in page.people],
        next_cursor=listing.seal_cursor(state.keyring, page.next) if page.next else None,
    )


async def create_person(request: Request, caller: Caller, order: Order) -> schemas.User:
    """With the password, or with an invitation by mail. Raises what `administration` raises."""
    state = state_of(request)
    now = state.clock.now()
    there = await organisation_for(state, caller, order.organisation_id)
    policy = await passwords.policy_of(state.database, there)
    digest = await _digest(state, there, policy, order)
    new = user_rules.NewUser(
        organisation_id=order.organisation_id,
        email=order.email,
        name=order.name,
        roles=order.roles,
        locale=order.locale,
        password_digest=digest,
        must_change_password=digest is not None,
    )
    async with state.database.transaction() as tx:
        user_id = await administration.create(tx, caller.by, new, now)
        if digest is not None:
            await passwords.check_policy(tx, there, policy)
        else:
            await state.mail_limits.count(tx, INVITATION, new.organisation_id, new.email, now)
            inviter = await _name_of(tx, caller, order.organisation_id)
            await links.invite(tx, state.outbox, user_id, inviter, now)
    state.courier.wake()
    return user_of(await listing.get_person(state.database, caller.organisation_id, user_id))


async def organisation_for(state: State, caller: Caller, asked: str | None) -> str:
    """The caller's own, or the one that an operator names.

    Raises ORGANISATION_MISSING, or ORGANISATION_UNKNOWN for a foreign one as for an absent one.
    """
    if asked is None:
        if caller.organisation_id is None:
            raise ProblemError(Problem.ORGANISATION_MISSING)
        return caller.organisation_id
    if caller.organisation_id not in (None, asked):
        raise ProblemError(Problem.ORGANISATION_UNKNOWN, organisation_id=asked)
    return (await organisations.get(state.database, asked)).id


async def _digest(state: State, there: str, policy: PasswordPolicy, order: Order) -> str | None:
    """Judged by the organisation's policy, and hashed before any transaction is open."""
    if order.password is None:
        return None
    organisation = await organisations.get(state.database, there)
    person = passwords.NewPerson(order.name, order.email, organisation.name)
    fault = passwords.judge(person, policy, order.password)
    if fault:
        raise ProblemError(Problem.PASSWORD_REFUSED, faults=fault)
    return await state.passwords.digest(order.password)


async def _name_of(tx: Tx, caller: Caller, organisation_id: str) -> str:
    """Who invites: the person, or the organisation where a program of an operator does."""
    if caller.user_id is not None:
        return (await users.get(tx, caller.user_id)).name
    return (await organisations.get(tx, organisation_id)).name


def _state_of(query: schemas.UsersQuery) -> UserState | None:
    if query.disabled is None:
        return None
    return UserState.DISABLED if query.disabled else UserState.ACTIVE
