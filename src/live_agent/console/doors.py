"""Settings → Ways in: the people of the account, page by page, and which doors are open to them."""

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from kernel.web.forms import read_query
from kernel.web.people_list import typed_search
from kernel.web.site import say_of
from kernel.words import asked_words
from live_agent.console.door_words import DOORS
from live_agent.console.person_frame import person_address
from live_agent.console.settings_frame import settings_address, settings_page
from live_agent.doors import listing
from live_agent.doors.queries import COUNTED, Query
from live_agent.doors.rules import Door
from live_agent.guards import check_account
from live_agent.state import state_of


async def show_doors(request: Request) -> Response:
    """GET /app/accounts/{id}/settings/doors: everybody, or those to whom one door is open."""
    state, session, say = state_of(request), check_account(request), say_of(request)
    given, account_id, now = read_query(request), session.account_id, state.clock.now()
    search, wanted = typed_search(given), Door.__members__.get(given.get("door", "").upper())
    cursor = listing.open_cursor(state.keyring, given.get("at", ""))
    query = Query(account_id, words=asked_words(search), door=wanted)
    found = await listing.list_page(state.database, query, now, cursor)
    place = settings_address(account_id, "doors")

    def href(door: Door | None, **more: str) -> str:
        asked = {"door": door.name.lower() if door else "", "q": search} | more
        kept = urlencode({name: value for name, value in asked.items() if value})
        return f"{place}?{kept}" if kept else place

    near = {"previous": found.previous, "next": found.next}
    return settings_page(
        request,
        "console/doors.html",
        "doors",
        place=place,
        chosen=wanted,
        search=search,
        everybody=href(None),
        doors=[(door, say(DOORS[door]), href(door)) for door in Door],
        rows=[(one, person_address(account_id, one.id, "doors")) for one in found.people],
        total=found.total,
        counted=COUNTED,
        read_at=now,
        near={
            name: href(wanted, at=listing.seal_cursor(state.keyring, at)) if at else ""
            for name, at in near.items()
        },
    )
