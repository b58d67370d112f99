"""What waits to be mailed, and the links in it."""

from typing import Any

from support.platform import OUTBOX, Platform

MOST = 100


async def letters_of(platform: Platform) -> list[tuple[str, dict[str, Any]]]:
    """Kind and values of every letter that was not delivered yet, the oldest first."""
    waiting = await OUTBOX.lease(platform.database, platform.now, MOST, lease_seconds=0)
    found = [(letter.kind, letter.payload) for letter in waiting]
    return [(kind, payload) for kind, payload in found if payload is not None]


async def last_letter(platform: Platform, kind: str) -> dict[str, Any]:
    """The youngest of the kind."""
    found = [payload for each, payload in await letters_of(platform) if each == kind]
    assert found, f"no {kind} waits"
    return found[-1]
