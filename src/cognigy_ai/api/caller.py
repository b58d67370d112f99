"""Who asks the JSON API, and what they may: one dependency, which every route names.

A key of a person and a token of a login (scope `api`) have the person's rights of this moment; a
client's own token that is bound to an organisation reads its people, and Live Agent's reads whom it
would let in; a key of an operator may do everything else. Cookies are not read.
"""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Security
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer
from starlette.requests import Request

from cognigy_ai.api_keys import actions as api_keys
from cognigy_ai.audit import actions as audit
from cognigy_ai.clients.rules import API_SCOPE
from cognigy_ai.problems import Problem
from cognigy_ai.roles.rules import ADMIN, OF_LIVE_AGENT, Permission, permissions_of
from cognigy_ai.state import state_of
from cognigy_ai.tokens import actions as tokens
from cognigy_ai.users.rules import OPERATOR, By
from kernel.audit.actor import API_KEY, CLIENT, NOBODY, USER, Actor
from kernel.opaque import fingerprint
from kernel.problems import ProblemError
from kernel.throttle import network_key
from kernel.web.site import client_of

IN_QUERY = ("api_key", "access_token", "X-API-Key", "x-api-key")
CHALLENGE = 'Bearer realm="Cognigy.AI API"'
NO_ROLES: tuple[str, ...] = ()
OF_A_CLIENT = frozenset({Permission.USERS_READ})

KEY = APIKeyHeader(
    name="X-API-Key",
    scheme_name="ApiKey",
    description="A key that begins with ck_, as a profile page makes it.",
    auto_error=False,
)
TOKEN = HTTPBearer(
    scheme_name="AccessToken",
    description="The access token of a login with the scope api, or a client's own for one "
    "organisation.",
    auto_error=False,
)


@dataclass(frozen=True, slots=True)
class Caller:
    """`organisation_id` is None for an operator: every organisation."""

    actor: Actor
    organisation_id: str | None
    permissions: frozenset[Permission]
    roles: tuple[str, ...] = NO_ROLES
    user_id: str | None = None

    @property
    def is_operator(self) -> bool:
        return self.organisation_id is None

    @property
    def by(self) -> By:
        """Whose rights a deed is done with."""
        return OPERATOR if self.is_operator else By(self.roles, self.organisation_id, self.user_id)


class Needs:
    """The dependency of a route: whoever asks is known and has the permission."""

    def __init__(self, permission: Permission) -> None:
        self.permission = permission

    async def __call__(
        self,
        request: Request,
        _key: Annotated[str | None, Security(KEY)],
        _token: Annotated[HTTPAuthorizationCredentials | None, Security(TOKEN)],
    ) -> Caller:
        caller = await identify(request)
        self.check(caller)
        return caller

    def check(self, caller: Caller) -> None:
        """Raises PERMISSION_MISSING."""
        if self.permission not in caller.permissions:
            permission = self.permission.name.lower()
            raise ProblemError(Problem.PERMISSION_MISSING, permission=permission)


class NeedsOperator(Needs):
    """Only an operator's key: what is above all organisations."""

    def check(self, caller: Caller) -> None:
        if not caller.is_operator:
            raise ProblemError(Problem.OPERATOR_KEY_NEEDED)
        super().check(caller)


UserReader = Annotated[Caller, Depends(Needs(Permission.USERS_READ))]
UserWriter = Annotated[Caller, Depends(Needs(Permission.USERS_WRITE))]
RoleGiver = Annotated[Caller, Depends(Needs(Permission.ROLES_GIVE))]
OrganisationReader = Annotated[Caller, Depends(Needs(Permission.ORGANISATION_READ))]
Auditor = Annotated[Caller, Depends(Needs(Permission.AUDIT_READ))]
LiveAgent = Annotated[Caller, Depends(Needs(Permission.DESK_PEOPLE))]
Operator = Annotated[Caller, Depends(NeedsOperator(Permission.ORGANISATION_WRITE))]


async def identify(request: Request) -> Caller:
    """Who asks; every request is counted, a refused one under the network that it came from."""
    audit.set_actor(NOBODY)
    state = state_of(request)
    try:
        caller, mark = await _find(request)
    except ProblemError:
        await state.api_refusals.count(request, network_key(state.keyring, client_of(request)))
        raise
    await state.api_requests.count(request, mark)
    audit.set_actor(caller.actor)
    return caller


async def _find(request: Request) -> tuple[Caller, str]:
    """The caller, and under which name the requests of this credential are counted."""
    if any(name in request.query_params for name in IN_QUERY):
        raise _refusal(Problem.CREDENTIAL_IN_QUERY)
    keys, tokens_ = (request.headers.getlist(name) for name in ("x-api-key", "authorization"))
    if len(keys) + len(tokens_) > 1:
        raise _refusal(Problem.CREDENTIALS_SEVERAL)
    if keys:
        return await _of_key(request, keys[0]), fingerprint(keys[0])
    if not tokens_:
        raise ProblemError(Problem.CREDENTIAL_MISSING, challenge=CHALLENGE)
    scheme, _, token = tokens_[0].partition(" ")
    if scheme.lower() != "bearer":
        raise _refusal(Problem.CREDENTIAL_INVALID)
    return await _of_token(request, token.strip()), fingerprint(token.strip())


async def _of_key(request: Request, secret: str) -> Caller:
    state = state_of(request)
    now = state.clock.now()
    holder = await api_keys.find_holder(state.database, secret, now)
    if holder is None:
        raise _refusal(Problem.CREDENTIAL_INVALID)
    await api_keys.note_use(state.database, holder, now)
    roles = (ADMIN,) if holder.owner_id is None else holder.roles
    return Caller(
        actor=Actor(API_KEY, holder.key_id),
        organisation_id=holder.organisation_id,
        permissions=permissions_of(roles),
        roles=roles,
        user_id=holder.owner_id,
    )


async def _of_token(request: Request, token: str) -> Caller:
    state = state_of(request)
    now = state.clock.now()
    grant = await tokens.find_by_access_token(state.database, token, now)
    client = None if grant is None else await state.clients.find(grant.client_id, now)
    if grant is None or client is None:
        raise _refusal(Problem.CREDENTIAL_INVALID)
    person = grant.person
    if person is None:
        if grant.organisation_id is None:
            raise _refusal(Problem.API_SCOPE_MISSING, grant.client_id)
        of_live_agent = grant.client_id == state.settings.client_id_cognigy_live_agent
        permissions = OF_A_CLIENT | (OF_LIVE_AGENT if of_live_agent else frozenset())
        return Caller(Actor(CLIENT, grant.client_id), grant.organisation_id, permissions)
    if API_SCOPE not in grant.scope.split() or API_SCOPE not in client.scopes:
        raise _refusal(Problem.API_SCOPE_MISSING, grant.client_id)
    return Caller(
        actor=Actor(USER, person.user_id),
        organisation_id=person.organisation_id,
        permissions=permissions_of(person.roles),
        roles=person.roles,
        user_id=person.user_id,
    )


def _refusal(problem: Problem, client_id: str | None = None) -> ProblemError:
    """With the challenge that RFC 6750 section 3 asks for."""
    error = problem.spec.oauth_error
    return ProblemError(problem, challenge=f'{CHALLENGE}, error="{error}"', client_id=client_id)
