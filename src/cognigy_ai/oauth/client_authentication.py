"""Which client is asking? The same at the token, introspection and revocation endpoints.

RFC 6749 sections 2.3 and 3.2.1. A right secret always passes and costs no statement: client ids are
public, and whoever could lock one out would switch off its logins. Wrong ones are counted in the
database for each client and network, those for clients that do not exist for the network alone.
"""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request

from cognigy_ai.clients.rules import LONGEST_ID, Client
from cognigy_ai.oauth.rules import client_auth
from cognigy_ai.oauth.rules.client_auth import Credentials
from cognigy_ai.problems import Problem
from cognigy_ai.state import State, state_of
from kernel.opaque import fingerprint, same
from kernel.problems import ProblemError
from kernel.throttle import NETWORK, network_key
from kernel.web.site import client_of

BASIC_CHALLENGE = 'Basic realm="Cognigy.AI", charset="UTF-8"'


async def authenticate(request: Request, form: Mapping[str, str], now: int) -> Client:
    """The client, or a refusal: invalid_client with 401, and a challenge if Basic was used."""
    state = state_of(request)
    authorization = request.headers.get("authorization")
    credentials = client_auth.presented(authorization, form)
    if isinstance(credentials, Problem):
        raise _refusal(credentials, authorization, reason="no credentials that can be read")
    client = await state.clients.find(credentials.client_id, now)
    place = _place_of(client, credentials)
    fault = _fault(client, credentials, place)
    if client is None or fault is not None:
        if credentials.client_secret is not None:
            await _count(request, state, client, now)
        raise _refusal(
            Problem.CLIENT_AUTHENTICATION_FAILED,
            authorization,
            client_id=credentials.client_id[:LONGEST_ID],
            reason=fault,
        )
    if place is not None:
        state.secret_uses.note(client, place, now)
    return client


async def authenticate_confidential(request: Request, form: Mapping[str, str], now: int) -> Client:
    """The same for an endpoint that tells nothing to clients without a secret."""
    client = await authenticate(request, form, now)
    if client.auth_method == "none":
        raise ProblemError(
            Problem.CLIENT_AUTHENTICATION_FAILED,
            client_id=client.client_id,
            reason="a client without a secret",
        )
    return client


def _place_of(client: Client | None, credentials: Credentials) -> int | None:
    """Which of the client's secrets it is; None if it is none of them."""
    if client is None or credentials.client_secret is None:
        return None
    presented = fingerprint(credentials.client_secret)
    # All of them are compared: which one fits shows in no time that can be measured.
    fitting = [same(presented, known) for known in client.secret_fingerprints]
    return fitting.index(True) if any(fitting) else None


def _fault(client: Client | None, credentials: Credentials, place: int | None) -> str | None:
    """Why not, for the log alone."""
    if client is None:
        return "no such client, or it is disabled"
    fault = client_auth.method_fault(client, credentials.method)
    if fault is not None or credentials.client_secret is None:
        return fault
    return None if place is not None else "the secret differs"


def _refusal(problem: Problem, authorization: str | None, **facts: Any) -> ProblemError:
    challenge = BASIC_CHALLENGE if authorization is not None else ""
    return ProblemError(problem, challenge=challenge, **facts)


async def _count(request: Request, state: State, client: Client | None, now: int) -> None:
    """One more wrong secret; raises CLIENT_GUESSED_TOO_OFTEN when there were too many."""
    network = network_key(state.keyring, client_of(request))
    # An invented id never becomes part of a key: there is no end of them.
    key = f"client:{client.client_id}:{network}" if client else f"client:{network}"
    until = await state.locks.record_failure(state.database, [(key, NETWORK)], now)
    if until > now:
        raise ProblemError(Problem.CLIENT_GUESSED_TOO_OFTEN, retry_after=until - now)
