"""POST /auth/oauth2/story: what the audit trail has of one login, for `live-agent explain`.

For whoever has one of the two shared secrets. Ids and codes are told, no name and no address.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from cognigy_ai.audit import actions as audit
from cognigy_ai.oauth.answers import as_json
from cognigy_ai.oauth.grants.parameters import needed
from cognigy_ai.oauth.peer import check_peer
from cognigy_ai.state import state_of
from kernel.web.forms import read_form

MOST_EVENTS = 100
TOLD = ("because", "amr", "browser", "system", "client_id", "problem", "fault")


async def post_story(request: Request) -> Response:
    """The route: the events with the reference; only those of an organisation if one is named."""
    state = state_of(request)
    form = await read_form(request)
    await check_peer(request, form, state.clock.now())
    found = await audit.TRAIL.list_of_reference(
        state.database, form.get("organisation"), needed(form, "reference"), MOST_EVENTS
    )
    return as_json({"events": [_told(event) for event in found]})


def _told(event: audit.Event) -> dict[str, Any]:
    return {
        "at": event.at,
        "event": event.event,
        "user_id": event.user_id,
        "organisation": event.owner,
        "details": {name: event.details[name] for name in TOLD if name in event.details},
    }
