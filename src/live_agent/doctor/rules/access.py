"""What a login has to carry so that somebody gets in: scopes, claims and roles."""

from collections.abc import Collection

from kernel.languages import n_
from live_agent.doctor.rules.finding import Finding, Said, Verdict
from live_agent.doctor.rules.places import live_agent
from live_agent.doctor.rules.sides import LIVE_AGENT_ROLES, PLATFORM_SCOPES, Side

SCOPES, ROLE_MAP = live_agent("COGNIGY_OAUTH_SCOPES"), live_agent("COGNIGY_OAUTH_ROLE_MAP")
CLAIMS = {
    live_agent("COGNIGY_OAUTH_ORGANISATION_CLAIM"): "organisation",
    live_agent("COGNIGY_OAUTH_ROLES_CLAIM"): "roles",
}
NEEDED = ("openid", "organisation", "roles")
DEFAULT_MAP = (
    "admin=administrator,liveAgentAdmin=administrator,"
    "liveAgentSupervisor=supervisor,liveAgentAgent=agent"
)


def scopes(here: Side, allowed: Collection[str]) -> Finding:
    """Without `organisation` and `roles` the platform does not say them."""
    asked = (here.get(SCOPES.key) or " ".join(PLATFORM_SCOPES)).split()
    told = Said(SCOPES, " ".join(asked))
    missing = [scope for scope in NEEDED if scope not in asked]
    refused = [scope for scope in asked if scope not in allowed]
    if not missing and not refused:
        return Finding("scopes", Verdict.OK, n_("The scopes tell what a login needs."), here=told)
    text = (
        n_("A login needs the scopes {names}, which are not asked for.")
        if missing
        else n_("Cognigy.AI does not allow Live Agent the scopes {names}.")
    )
    return Finding(
        "scopes",
        Verdict.WRONG,
        text,
        {"names": " ".join(missing or refused)},
        here=told,
        change=(SCOPES,),
        fix=n_("Unset COGNIGY_OAUTH_SCOPES: what it is without a value fits Cognigy.AI."),
    )


def claims(here: Side) -> Finding:
    """Cognigy.AI writes organisation and roles under these names."""
    for place, name in CLAIMS.items():
        value = here.get(place.key) or name
        if value != name:
            return Finding(
                "claims",
                Verdict.WRONG,
                n_("{key} is {value}, but Cognigy.AI calls the claim {name}."),
                {"key": place.key, "value": value, "name": name},
                here=Said(place, value),
                change=(place,),
                fix=n_("Unset {key}."),
            )
    return Finding("claims", Verdict.OK, n_("The claims have the names that Cognigy.AI uses."))


def role_names(here: Side, known: Collection[str]) -> Finding:
    """A name that the platform does not have gives nobody anything."""
    written = here.get(ROLE_MAP.key) or DEFAULT_MAP
    names = [pair.strip().rpartition("=")[0] for pair in written.split(",") if pair.strip()]
    told = Said(ROLE_MAP, written)
    unknown = [name for name in names if name not in known]
    useful = [name for name in names if name in known]
    if not unknown and useful:
        left_out = [name for name in LIVE_AGENT_ROLES if name in known and name not in names]
        text = (
            n_("Every role of the map exists. These roles give nothing here: {names}.")
            if left_out
            else n_("Every role of the map exists in Cognigy.AI.")
        )
        return Finding("roles", Verdict.OK, text, {"names": ", ".join(left_out)}, here=told)
    known_here = [name for name in LIVE_AGENT_ROLES if name in known]
    text = n_("Cognigy.AI has no role {names}.")
    if not useful:
        text = n_("No role of the map exists in Cognigy.AI, so nobody gets in: {names}.")
    return Finding(
        "roles",
        Verdict.WRONG,
        text,
        {"names": ", ".join(unknown), "known": ", ".join(known_here)},
        here=told,
        change=(ROLE_MAP,),
        fix=n_("Unset COGNIGY_OAUTH_ROLE_MAP, or map these roles: {known}."),
    )
