"""From facts to findings, each fault once: what only follows from another is not told as one."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from kernel.languages import n_
from live_agent.doctor.rules import client, organisations, pairs, provider, reach
from live_agent.doctor.rules.facts import Call, Facts
from live_agent.doctor.rules.finding import Finding, Verdict
from live_agent.doctor.rules.sides import PLATFORM_ROLES, PLATFORM_SCOPES, Side
from live_agent.doctor.rules.told import Told

SHARED_HERE = {
    pairs.PLATFORM_SECRET: pairs.OAUTH_SECRET,
    pairs.PLATFORM_SECRET + pairs.PREVIOUS: pairs.OAUTH_SECRET,
    pairs.PLATFORM_TOKEN: pairs.TOKEN,
}
NO_BETTER_KNOWN = n_(
    "The two sides could not be compared: neither the platform token nor the client's secret opens "
    "the way. Compare both value files with `live-agent lint`."
)
FOREIGN = n_("Not asked: the provider does not answer this question, as only Cognigy.AI does.")
LOST = n_("The two sides could not be compared: Cognigy.AI was not reached.")


def judge(facts: Facts) -> list[Finding]:
    """Everything that needs the other side."""
    told = facts.told
    compared = _compared(facts, told) if told is not None else []
    wrong = {finding.check for finding in compared if finding.is_wrong}
    found = [
        *_reached(facts, compared),
        provider.discovered(facts),
        provider.keys(facts),
        provider.algorithm(facts),
        provider.clock(facts),
        client.used(facts, wrong & {"feature", "client_id", "client_secret", "token_url"}),
        *compared,
    ]
    if not any(finding.check == "issuer" for finding in compared):
        found += [] if wrong & {"site", "api_address"} else [provider.issuer(facts)]
    if told is not None:
        found += [client.way_back(facts, wrong), *organisations.judge(facts, told)]
        return found
    return [*found, *_not_compared(facts)]


def _compared(facts: Facts, told: Told) -> list[Finding]:
    """Pair by pair, from what the platform says of itself."""
    there = Side(told.values, _agreeing(facts.here, told.secrets))
    found = pairs.judge(
        facts.here,
        there,
        proved=_proved(facts),
        roles=told.roles or PLATFORM_ROLES,
        scopes=told.scopes or PLATFORM_SCOPES,
    )
    if any(finding.check == "feature" and finding.is_wrong for finding in found):
        # Nothing of the client is asked for while it is off, and may be unset.
        off = {"client_id", "client_secret", "redirect_uri"}
        found = [finding for finding in found if finding.check not in off]
    return found


def _proved(facts: Facts) -> set[str]:
    """The keys of addresses that were seen to lead to the platform."""
    seen = [facts.probe] if facts.told is not None else []
    if client.is_accepted(facts.token):
        seen.append(facts.token)
    return {place.key for call in seen if call is not None for place in call.places}


def _agreeing(here: Side, said: Mapping[str, str]) -> dict[str, str]:
    """Stand-ins for the platform's secrets: the same as ours where it says that they are equal."""
    found = {}
    for key, outcome in said.items():
        ours = here.secrets.get(SHARED_HERE.get(key, ""))
        if outcome == "equal" and ours is not None:
            found[key] = ours
        elif outcome != "unset":
            found[key] = f"another {key}"
    return found


def _reached(facts: Facts, compared: Iterable[Finding]) -> list[Finding]:
    """Addresses that fail, less those of which the comparison says what they should be."""
    calls = [facts.token, facts.jwks]
    if _needs_discovery(facts) or facts.discovery.failure in reach.OF_THE_SERVER:
        calls.insert(0, facts.discovery)
    if facts.probe is not None and facts.probe.failure in reach.OF_THE_SERVER:
        calls.append(facts.probe)
    named = {place for finding in compared if finding.is_wrong for place in finding.change}
    failed = reach.judge(call for call in calls if isinstance(call, Call))
    left = [replace(one, change=tuple(p for p in one.change if p not in named)) for one in failed]
    kept = [one for one in left if one.change]
    if kept or failed:
        return kept
    text = n_("Every address that Live Agent calls answers.")
    return [Finding("reach", Verdict.OK, text)]


def _needs_discovery(facts: Facts) -> bool:
    return any(not facts.here.get(place.key) for place in provider.ENDPOINTS.values())


def _not_compared(facts: Facts) -> list[Finding]:
    if facts.is_foreign:
        return [Finding("pairs", Verdict.NOT_ASKED, FOREIGN)]
    probe = facts.probe
    if probe is None or not probe.answered:
        return [Finding("pairs", Verdict.NOT_REACHED, LOST)]
    found = [Finding("pairs", Verdict.NOT_REACHED, NO_BETTER_KNOWN)]
    return [client.token_refused(), *found] if facts.token_refused else found
