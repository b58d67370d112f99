"""What must equal what, judged pair by pair: for the doctor, and offline for the linter.

A fault is told once. Where three values should agree and two do, the third is the one to change.
"""

from collections.abc import Collection
from dataclasses import replace

from kernel.languages import n_
from live_agent.doctor.rules import access, addresses, platform_address
from live_agent.doctor.rules.finding import Finding, Said, Verdict
from live_agent.doctor.rules.places import Place, System, cognigy_ai, live_agent
from live_agent.doctor.rules.sides import CLIENT_ID, PLATFORM_ROLES, PLATFORM_SCOPES, Side

FEATURE = "FEATURE_USE_COGNIGY_LIVE_AGENT"
OAUTH_ID, PLATFORM_ID = "COGNIGY_OAUTH_CLIENT_ID", "CLIENT_ID_COGNIGY_LIVE_AGENT"
OAUTH_SECRET, PLATFORM_SECRET = "COGNIGY_OAUTH_CLIENT_SECRET", "CLIENT_SECRET_COGNIGY_LIVE_AGENT"
TOKEN, PLATFORM_TOKEN = "COGNIGY_PLATFORM_APP_TOKEN", "COGNIGY_LIVE_AGENT_PLATFORM_TOKEN"
PREVIOUS = "_PREVIOUS"


def judge(
    here: Side,
    there: Side,
    *,
    proved: Collection[str] = (),
    roles: Collection[str] = PLATFORM_ROLES,
    scopes: Collection[str] = PLATFORM_SCOPES,
) -> list[Finding]:
    """Every pair. `here` is Live Agent, `there` is Cognigy.AI.

    `proved` are addresses of Live Agent's that were seen to lead to this platform: they may have
    another name than it calls itself by. `roles` and `scopes` are what the platform has.
    """
    return [
        feature(there),
        client_id(here, there),
        client_secret(here, there),
        platform_token(here, there),
        *addresses.of_live_agent(here, there),
        *platform_address.of_api(here, there, proved),
        *platform_address.of_pages(here, there),
        access.scopes(here, scopes),
        access.claims(here),
        access.role_names(here, roles),
    ]


def feature(there: Side) -> Finding:
    """The switch of the whole integration."""
    place = cognigy_ai(FEATURE)
    told = Said(place, there.get(FEATURE) or None)
    if there.is_on(FEATURE):
        return Finding("feature", Verdict.OK, n_("The login of Live Agent is switched on."))
    return Finding(
        "feature",
        Verdict.WRONG,
        n_("Cognigy.AI has the login of Live Agent switched off."),
        there=told,
        change=(place,),
        fix=n_("Set FEATURE_USE_COGNIGY_LIVE_AGENT=true."),
    )


def client_id(here: Side, there: Side) -> Finding:
    """Both default to the same id; whoever left it is named."""
    one = Said(live_agent(OAUTH_ID), here.get(OAUTH_ID) or CLIENT_ID)
    other = Said(cognigy_ai(PLATFORM_ID), there.get(PLATFORM_ID) or CLIENT_ID)
    if one.value == other.value:
        text = n_("Both sides have the same client id.")
        return Finding("client_id", Verdict.OK, text, here=one, there=other)
    left = tuple(said.place for said in (one, other) if said.value != CLIENT_ID)
    return Finding(
        "client_id",
        Verdict.WRONG,
        n_("The client ids differ."),
        here=one,
        there=other,
        change=left,
        fix=n_("Write the same client id on both sides."),
    )


def client_secret(here: Side, there: Side) -> Finding:
    """Compared by fingerprint; the platform accepts the one before too."""
    one, other = live_agent(OAUTH_SECRET), cognigy_ai(PLATFORM_SECRET)
    accepted = (PLATFORM_SECRET, PLATFORM_SECRET + PREVIOUS)
    return _secret("client_secret", (here, OAUTH_SECRET, one), (there, accepted, other))


def platform_token(here: Side, there: Side) -> Finding:
    """What opens the Platform API of Live Agent, which accepts the one before too."""
    one, other = live_agent(TOKEN), cognigy_ai(PLATFORM_TOKEN)
    if not here.has(TOKEN) and not there.has(PLATFORM_TOKEN):
        return Finding(
            "platform_token",
            Verdict.NOT_ASKED,
            n_("Neither side has a platform token: Cognigy.AI cannot set up accounts."),
            here=Said(one),
            there=Said(other),
        )
    presented = (there, PLATFORM_TOKEN, other)
    found = _secret("platform_token", presented, (here, (TOKEN, TOKEN + PREVIOUS), one))
    return replace(found, here=found.there, there=found.here)


Presenting = tuple[Side, str, Place]
Accepting = tuple[Side, tuple[str, ...], Place]


def _secret(check: str, presenting: Presenting, accepting: Accepting) -> Finding:
    """One side presents the secret, the other accepts it, or the one before."""
    side, key, place = presenting
    other_side, keys, other_place = accepting
    told = (Said(place), Said(other_place))
    unset = [p for p, given in ((place, side.has(key)), (other_place, other_side.has(keys[0])))
             if not given]  # fmt: skip
    if unset:
        return Finding(
            check,
            Verdict.WRONG,
            n_("{key} is not set."),
            {"key": str(unset[0])},
            *told,
            change=tuple(unset),
            fix=n_("Give both sides the same secret: openssl rand -hex 32 makes one."),
        )
    if key in side.hidden or keys[0] in other_side.hidden:
        text = n_("The values stand in existing secrets, which cannot be read here.")
        return Finding(check, Verdict.NOT_ASKED, text, {}, *told)
    presented = side.secrets[key]
    if presented == other_side.secrets[keys[0]]:
        return Finding(check, Verdict.OK, n_("Both sides have the same secret."), {}, *told)
    if presented in {other_side.secrets.get(one) for one in keys[1:]}:
        text = n_("The secret before the present one is used, which is still accepted.")
        return Finding(check, Verdict.OK, text, {}, *told)
    return Finding(
        check,
        Verdict.WRONG,
        n_("The secrets differ."),
        {},
        *told,
        change=tuple(sorted((place, other_place), key=lambda p: p.system is System.COGNIGY_AI)),
        fix=n_("Give both sides the same secret: openssl rand -hex 32 makes one."),
    )
