"""What files show beside the pairs: one secret for two purposes, words that are misspelt."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from kernel.languages import n_
from live_agent.doctor.rules.finding import Finding, Said, Verdict
from live_agent.doctor.rules.places import Place

LIKE = 0.9
PREVIOUS = "_PREVIOUS"
# Two names of one thing: the login's secret and the platform's token.
SAME_THING = {
    "CLIENT_SECRET_COGNIGY_LIVE_AGENT": "COGNIGY_OAUTH_CLIENT_SECRET",
    "COGNIGY_LIVE_AGENT_PLATFORM_TOKEN": "COGNIGY_PLATFORM_APP_TOKEN",
}
PURPOSES = frozenset({*SAME_THING, *SAME_THING.values(), "SECRET_KEY_BASE"})


def misspelt(written: Iterable[Place], known: Iterable[str]) -> list[Finding]:
    """Keys that nobody reads and that are nearly one that somebody reads."""
    names = sorted(known)
    found = []
    for place in written:
        if place.key in names:
            continue
        near = get_close_matches(place.key.upper(), names, n=1, cutoff=LIKE)
        if near:
            found.append(_misspelt(place, near[0]))
    return found


def _misspelt(place: Place, meant: str) -> Finding:
    return Finding(
        "key",
        Verdict.WRONG,
        n_("Nobody reads {key}. Is {meant} meant?"),
        {"key": place.key, "meant": meant},
        change=(place,),
        fix=n_("Write {meant} instead of {key}."),
        subject=place.key,
    )


def reused(secrets: Mapping[Place, str]) -> list[Finding]:
    """A secret for two purposes: whoever learns it through one has the other. By fingerprint."""
    places: dict[str, list[Place]] = defaultdict(list)
    for place, fingerprint in secrets.items():
        if place.key.removesuffix(PREVIOUS) in PURPOSES:
            places[fingerprint].append(place)
    return [_reused(where) for where in places.values() if len({_thing(one) for one in where}) > 1]


def _thing(place: Place) -> object:
    """A pair is one thing; any other key is another one on each side."""
    name = place.key.removesuffix(PREVIOUS)
    shared = SAME_THING.get(name, name)
    return shared if shared in SAME_THING.values() else (place.system, name)


def _reused(places: list[Place]) -> Finding:
    return Finding(
        "secret",
        Verdict.WRONG,
        n_("One secret serves several purposes: {places}."),
        {"places": ", ".join(map(str, places))},
        change=tuple(places[1:]),
        fix=n_("Make another one: openssl rand -hex 32 (64 for SECRET_KEY_BASE)."),
        subject=places[0].key,
    )


def wrong_setting(place: Place, fault: str, fix: str, value: str | None) -> Finding:
    """A value that cannot be right whatever the other side has."""
    return Finding(
        "setting",
        Verdict.WRONG,
        "{place} {fault}.",
        {"place": place, "fault": fault, "fix": fix},
        here=Said(place, value),
        change=(place,),
        fix="{fix}.",
        subject=f"{place.system.value} {place.key}",
    )
