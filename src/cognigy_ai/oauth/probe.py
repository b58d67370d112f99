"""POST /auth/oauth2/probe: this side's values, for the doctor of Live Agent.

It answers whoever has one of the two shared secrets. No secret is answered, nor anything made from
one: the caller sends a fingerprint of its own, keyed with a nonce, and is told whether ours agree.
With `way_back` the platform calls Live Agent as it does to set accounts up, and tells what came.
"""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from cognigy_ai.clients.actions import live_agent_client
from cognigy_ai.clients.rules import Client
from cognigy_ai.live_agent import actions as live_agent
from cognigy_ai.oauth.answers import as_json
from cognigy_ai.oauth.grants.parameters import needed
from cognigy_ai.oauth.peer import check_peer
from cognigy_ai.oauth.rules import probe as rules
from cognigy_ai.organisations import actions as organisations
from cognigy_ai.roles.rules import ROLES
from cognigy_ai.settings import Settings
from cognigy_ai.state import State, state_of
from kernel.log import get_logger
from kernel.opaque import derive, same
from kernel.problems import ProblemError
from kernel.web.forms import read_form
from kernel.web.site import reference_of_request

log = get_logger(__name__)

PURPOSE = "doctor"
EQUAL, DIFFERENT, SET, UNSET = "equal", "different", "set", "unset"


async def post_probe(request: Request) -> Response:
    """The route."""
    state = state_of(request)
    now = state.clock.now()
    form = await read_form(request)
    by = await check_peer(request, form, now)
    if form.get("way_back"):
        return as_json(await _way_back(request, form))
    log.info("probe.answered", by=by, reference=reference_of_request(request))
    client = live_agent_client(state.settings)
    return as_json(
        {
            "system": "Cognigy.AI",
            "now": now,
            "proved_by": by,
            "values": rules.values(state.settings),
            "secrets": _compared(state.settings, form),
            "client": _client(client) if client else None,
            "kids": [key.get("kid") for key in (await state.keys.jwks(now))["keys"]],
            "roles": list(ROLES),
            **await _organisations(state, form),
        }
    )


def _client(client: Client) -> dict[str, Any]:
    return {"scopes": list(client.scopes), "id_token_alg": client.id_token_alg}


def _compared(settings: Settings, form: Mapping[str, str]) -> dict[str, str]:
    """Is the caller's secret of that name ours? A parameter has the name of our key."""
    nonce = needed(form, "nonce")
    found = {}
    for name in rules.SHARED:
        ours = getattr(settings, name)
        theirs = form.get(name, "").split()[: rules.MOST_FINGERPRINTS]
        if ours is None:
            found[name.upper()] = UNSET
        elif not theirs:
            found[name.upper()] = SET
        else:
            fingerprint = derive(nonce.encode(), PURPOSE, ours.get_secret_value())
            fitting = [same(fingerprint, one) for one in theirs]
            found[name.upper()] = EQUAL if any(fitting) else DIFFERENT
    return found


async def _organisations(state: State, form: Mapping[str, str]) -> dict[str, Any]:
    """Those that are asked for, and those whose admin has set Live Agent up."""
    asked = rules.organisations_asked(form.get("organisations"))
    found = {one.id: one for one in await organisations.list_several(state.database, asked)}
    set_up = []
    if not form.get("organisations_only"):
        set_up = await organisations.list_set_up(state.database, rules.MOST_ORGANISATIONS)
    return {
        "organisations": rules.organisations_told(asked, found),
        "set_up": [{"id": one.id, "account": one.live_agent_account} for one in set_up],
    }


async def _way_back(request: Request, form: Mapping[str, str]) -> dict[str, Any]:
    """What Live Agent says to our token, at the address where we call it."""
    state, reference = state_of(request), reference_of_request(request)
    try:
        said = await live_agent.probe(state.live_agent, reference)
    except ProblemError as error:
        fault = error.fault.code if error.fault else error.problem.code
        return {"outcome": fault, "called": state.settings.live_agent_api_url}
    log.info("probe.way_back", reference=reference, asked=bool(form.get("nonce")))
    return {"outcome": "ok", "called": state.settings.live_agent_api_url, "live_agent": said}
