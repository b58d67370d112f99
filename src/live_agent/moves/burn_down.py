"""How many people of an account had not moved yet, over time."""

from collections.abc import Sequence

from live_agent.agents.rules import User
from live_agent.moves.rules import is_old


def burn_down(users: Sequence[User], since: int, until: int, points: int) -> list[tuple[int, int]]:
    """How many had not moved yet, at evenly spaced times: (time, number)."""
    old = [user for user in users if is_old(user)]
    step = max(1, (until - since) // max(1, points - 1))
    times = [until - step * back for back in reversed(range(points))]
    return [(at, sum(1 for user in old if _waits(user, at))) for at in times]


def _waits(user: User, at: int) -> bool:
    return user.created_at <= at and (user.moved_at is None or user.moved_at > at)
