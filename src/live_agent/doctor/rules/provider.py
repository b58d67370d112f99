"""The provider as any client sees it: issuer, endpoints, keys, algorithms, clock."""

from collections.abc import Mapping
from typing import Any

from kernel.languages import n_
from live_agent.doctor.rules.facts import Facts
from live_agent.doctor.rules.finding import Finding, Said, Verdict
from live_agent.doctor.rules.places import Place, System, live_agent
from live_agent.doctor.rules.told import Told

ISSUER, SITE = live_agent("COGNIGY_OAUTH_ISSUER"), live_agent("COGNIGY_OAUTH_SITE")
JWKS_URL, SKEW = (
    live_agent("COGNIGY_OAUTH_JWKS_URL"),
    live_agent("COGNIGY_OAUTH_CLOCK_SKEW_SECONDS"),
)
ENDPOINTS = {
    "authorization_endpoint": live_agent("COGNIGY_OAUTH_AUTHORIZE_URL"),
    "token_endpoint": live_agent("COGNIGY_OAUTH_TOKEN_URL"),
    "jwks_uri": JWKS_URL,
}
ALGORITHM = Place(System.PROVIDER, "id_token_signed_response_alg")
ACCEPTED = ("ES256", "RS256", "EdDSA")
KINDS = {"ES256": ("EC", "P-256"), "RS256": ("RSA", None), "EdDSA": ("OKP", "Ed25519")}


def discovered(facts: Facts) -> Finding:
    """Does the document name everything that is not configured?"""
    if not facts.discovery.answered:
        return Finding("discovery", Verdict.NOT_REACHED, n_("The discovery document was not read."))
    missing = [
        (name, place)
        for name, place in ENDPOINTS.items()
        if not facts.here.get(place.key) and not facts.discovery.members.get(name)
    ]
    if not missing:
        return Finding("discovery", Verdict.OK, n_("Every address that a login needs is known."))
    return Finding(
        "discovery",
        Verdict.WRONG,
        n_("The discovery document does not name {names}."),
        {"names": ", ".join(name for name, _ in missing)},
        change=tuple(place for _, place in missing),
        fix=n_("Write the addresses that are missing."),
    )


def issuer(facts: Facts) -> Finding:
    """Discovery section 4.3: byte by byte."""
    place = ISSUER if facts.here.get(ISSUER.key) else SITE
    if not facts.discovery.answered:
        return Finding("issuer", Verdict.NOT_REACHED, n_("The discovery document was not read."))
    said = str(facts.discovery.members.get("issuer", ""))
    there = Place(System.PROVIDER, "issuer")
    told = (Said(place, facts.issuer), Said(there, said))
    if said == facts.issuer:
        return Finding("issuer", Verdict.OK, n_("Both sides name the same issuer."), {}, *told)
    return Finding(
        "issuer",
        Verdict.WRONG,
        n_("The provider calls itself by another issuer than the one that is configured."),
        {"issuer": said},
        *told,
        change=(ISSUER,),
        fix=n_("Write {issuer} in COGNIGY_OAUTH_ISSUER."),
    )


def keys(facts: Facts) -> Finding:
    """Is there a key, of a kind that is accepted, and is it this provider's?"""
    call = facts.jwks
    if call is None or not call.answered:
        return Finding("keys", Verdict.NOT_REACHED, n_("The key set was not read."))
    place = JWKS_URL if facts.here.get(JWKS_URL.key) else Place(System.PROVIDER, "jwks_uri")
    listed = call.members.get("keys")
    found = [key for key in listed if isinstance(key, dict)] if isinstance(listed, list) else []
    text, fix = (
        n_("The key set at {url} is empty."),
        n_("Write the address of the provider's keys."),
    )
    if found and not any(_is_accepted(key) for key in found):
        text = n_("No key at {url} is of a kind that is accepted: {accepted}.")
        fix = n_("Let the provider sign with one of them.")
        place = ALGORITHM
    elif found and _are_of_another(found, facts.told):
        text = n_("The keys at {url} are not those that Cognigy.AI signs with.")
    elif found:
        text = n_("The provider publishes keys that are accepted.")
        return Finding("keys", Verdict.OK, text)
    context = {"url": call.url, "accepted": ", ".join(ACCEPTED)}
    return Finding("keys", Verdict.WRONG, text, context, change=(place,), fix=fix)


def algorithm(facts: Facts) -> Finding:
    """With what does the provider sign ID tokens for this client?"""
    told = facts.told
    if told is not None and told.id_token_alg:
        offered = [told.id_token_alg]
    elif facts.discovery.answered:
        listed = facts.discovery.members.get("id_token_signing_alg_values_supported")
        offered = [str(one) for one in listed] if isinstance(listed, list) else []
    else:
        return Finding("algorithm", Verdict.NOT_REACHED, n_("The discovery document was not read."))
    if not offered or set(offered) & set(ACCEPTED):
        text = n_("ID tokens can be signed with an algorithm that is accepted.")
        return Finding("algorithm", Verdict.OK, text)
    return Finding(
        "algorithm",
        Verdict.WRONG,
        n_("ID tokens are signed with {offered}; accepted are {accepted}."),
        {"offered": ", ".join(offered), "accepted": ", ".join(ACCEPTED)},
        change=(ALGORITHM,),
        fix=n_("Let the provider sign with one of them."),
    )


def clock(facts: Facts) -> Finding:
    """Which of the two is wrong cannot be told from two clocks."""
    offsets = [facts.probe, facts.token, facts.discovery]
    measured = next(
        (call.clock_offset for call in offsets if call and call.clock_offset is not None), None
    )
    if measured is None:
        return Finding("clock", Verdict.NOT_REACHED, n_("The other clock was not seen."))
    context = {"seconds": abs(measured), "allowed": facts.skew}
    if abs(measured) <= facts.skew:
        text = n_("The clocks are {seconds} seconds apart; {allowed} are allowed.")
        return Finding("clock", Verdict.OK, text, context)
    ahead = n_("The other clock is {seconds} seconds ahead of this one; {allowed} are allowed.")
    behind = n_("The other clock is {seconds} seconds behind this one; {allowed} are allowed.")
    return Finding(
        "clock",
        Verdict.WRONG,
        ahead if measured > 0 else behind,
        context,
        change=(SKEW,),
        fix=n_("Let both servers follow a time server (NTP)."),
    )


def _is_accepted(key: Mapping[str, Any]) -> bool:
    kind, curve = key.get("kty"), key.get("crv")
    return any(kind == k and (c is None or curve == c) for k, c in KINDS.values())


def _are_of_another(found: list[dict[str, Any]], told: Told | None) -> bool:
    if told is None or not told.kids:
        return False
    return not {str(key.get("kid")) for key in found} & set(told.kids)
