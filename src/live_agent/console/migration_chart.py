"""The burn-down of Settings → Migration, as the points of a line."""

from typing import Any

from live_agent.moves.actions import Overview
from live_agent.moves.burn_down import burn_down

CHART_POINTS = 31
LONGEST_CHART_SECONDS = 90 * 86_400
SHORTEST_CHART_SECONDS = 86_400


def chart_of(overview: Overview, now: int) -> dict[str, Any] | None:
    """The burn-down as the points of a line in a box of 1000 by 200; None before there is one."""
    begun = min((move.user.created_at for move in overview.moves), default=now)
    since = max(begun, now - LONGEST_CHART_SECONDS)
    if since > now - SHORTEST_CHART_SECONDS:
        return None
    waiting = burn_down(overview.users, since, now, CHART_POINTS)
    highest = max(1, *(number for _, number in waiting))
    points = [
        (round(1000 * at / (CHART_POINTS - 1)), round(200 - 190 * number / highest))
        for at, (_, number) in enumerate(waiting)
    ]
    line = " ".join(f"{x},{y}" for x, y in points)
    return {
        "line": line,
        "area": f"0,200 {line} 1000,200",
        "since": waiting[0][0],
        "until": waiting[-1][0],
        "first": waiting[0][1],
        "last": waiting[-1][1],
        "highest": highest,
    }
