"""Settings → Ways in: everybody of the account, and which doors are open to them."""

import re
from collections import Counter

from starlette.requests import Request
from starlette.responses import Response

from kernel.web.forms import read_query
from kernel.web.site import say_of
from live_agent.console.door_words import DOORS
from live_agent.console.person_frame import person_address
from live_agent.console.settings_frame import settings_address, settings_page
from live_agent.doors import actions as doors
from live_agent.doors.rules import Door
from live_agent.guards import check_account
from live_agent.state import state_of

AT_ONCE = 50
PAGE = re.compile(r"[0-9]{1,5}")  # int() of thousands of digits is a ValueError


async def show_doors(request: Request) -> Response:
    """GET /app/accounts/{id}/settings/doors: counts of all, and a page of people."""
    state, session, say = state_of(request), check_account(request), say_of(request)
    query = read_query(request)
    wanted = Door.__members__.get(query.get("door", "").upper())
    everybody = await doors.list_of_account(state.database, session.account_id, state.clock.now())
    found = [
        (user, frozenset(one.door for one in states if one.open)) for user, states in everybody
    ]
    counts = Counter(door for _, opened in found for door in opened)
    shown = [one for one in found if wanted is None or wanted in one[1]]
    place, page = settings_address(session.account_id, "doors"), _page(query.get("page", ""))
    last = max(1, -(-len(shown) // AT_ONCE))
    page = min(page, last)
    chosen = f"&door={wanted.name.lower()}" if wanted else ""
    first = (page - 1) * AT_ONCE
    return settings_page(
        request,
        "console/doors.html",
        "doors",
        place=place,
        chosen=wanted,
        doors=[(door, say(DOORS[door]), counts[door]) for door in Door],
        rows=[
            (user, person_address(session.account_id, user.id, "doors"), opened)
            for user, opened in shown[first : first + AT_ONCE]
        ],
        total=len(shown),
        first=first + 1,
        previous=f"{place}?page={page - 1}{chosen}" if page > 1 else "",
        next=f"{place}?page={page + 1}{chosen}" if page < last else "",
    )


def _page(written: str) -> int:
    return max(1, int(written)) if PAGE.fullmatch(written) else 1
