"""Client id, secret and platform token, proved by using them."""

from collections.abc import Collection

from kernel.languages import n_
from live_agent.doctor.rules.facts import Call, Facts
from live_agent.doctor.rules.finding import Finding, Said, Verdict
from live_agent.doctor.rules.pairs import (
    OAUTH_ID,
    OAUTH_SECRET,
    PLATFORM_ID,
    PLATFORM_SECRET,
    PLATFORM_TOKEN,
    TOKEN,
)
from live_agent.doctor.rules.places import Place, cognigy_ai, live_agent
from live_agent.doctor.rules.sides import base_of

# A client that the token endpoint does not know is not told what else is wrong (RFC 6749 5.2).
REFUSED = "invalid_client"
AFTER_AUTHENTICATION = frozenset(
    {"invalid_scope", "unauthorized_client", "unsupported_grant_type", "invalid_grant"}
)
OK_STATUS, TOO_MANY = 200, 429
CALLS = cognigy_ai("COGNIGY_LIVE_AGENT_API_BASE_URL_WITH_PROTOCOL")
LINKS = cognigy_ai("COGNIGY_LIVE_AGENT_UI_BASE_URL_WITH_PROTOCOL")
OTHER_TOKEN = cognigy_ai(PLATFORM_TOKEN)


def is_accepted(call: Call) -> bool | None:
    """Did the token endpoint take id and secret? None: it did not say."""
    if not call.answered:
        return None
    if call.status == OK_STATUS or call.error in AFTER_AUTHENTICATION:
        return True
    return False if call.error == REFUSED and call.status != TOO_MANY else None


def used(facts: Facts, wrong: Collection[str]) -> Finding:
    """`wrong` are pairs that were found to differ: they are why a client is refused."""
    accepted = is_accepted(facts.token)
    if accepted:
        return Finding("client", Verdict.OK, n_("The token endpoint takes the client's secret."))
    if accepted is None or wrong:
        return Finding("client", Verdict.NOT_REACHED, n_("The client's secret was not proved."))
    if facts.told is not None:
        return Finding(
            "client",
            Verdict.WRONG,
            n_("Both sides have the same id and secret, but the token endpoint refuses them."),
            change=(live_agent("COGNIGY_OAUTH_TOKEN_URL"),),
            fix=n_("Restart what still runs with earlier values, and compare the token endpoint."),
        )
    places: tuple[Place, ...] = (live_agent(OAUTH_ID), live_agent(OAUTH_SECRET))
    if not facts.is_foreign:
        places += (cognigy_ai(PLATFORM_ID), cognigy_ai(PLATFORM_SECRET))
    return Finding(
        "client",
        Verdict.WRONG,
        n_("The token endpoint refuses client id and secret; it does not say which of the two."),
        here=Said(live_agent(OAUTH_ID), facts.here.get(OAUTH_ID) or None),
        change=places,
        fix=n_("Write the same id and the same secret on both sides."),
    )


def token_refused() -> Finding:
    """The platform does not take our platform token, and nothing more is known."""
    return Finding(
        "platform_token",
        Verdict.WRONG,
        n_("Cognigy.AI does not accept the platform token of Live Agent."),
        change=(live_agent(TOKEN), OTHER_TOKEN),
        fix=n_("Give both sides the same secret: openssl rand -hex 32 makes one."),
    )


_FIX = n_("Write an address at which Cognigy.AI reaches Live Agent.")
_SAYS = {
    "unreachable": (n_("Cognigy.AI finds nobody at {called}."), _FIX),
    "host_unknown": (n_("Cognigy.AI does not know the name in {called}."), _FIX),
    "timed_out": (n_("Live Agent does not answer Cognigy.AI in time at {called}."), _FIX),
    "redirected": (n_("Cognigy.AI is redirected at {called}, which it does not follow."), _FIX),
    "tls_untrusted": (
        n_("Cognigy.AI does not know who signed the certificate of {called}."),
        n_("Name the file with that authority's certificate in SSL_CA_FILE of Cognigy.AI."),
    ),
    "tls_expired": (
        n_("For Cognigy.AI the certificate of {called} is expired or not valid yet."),
        n_("Renew that certificate, or correct the clock of Cognigy.AI."),
    ),
    "tls_hostname": (n_("The certificate of {called} is for another name."), _FIX),
    "token_lost": (
        n_("The platform token does not arrive: something between drops it."),
        n_("Let proxies pass the header api-access-token, which Cognigy.AI sends."),
    ),
}
_NO_LIVE_AGENT = (n_("Whoever answers Cognigy.AI at {called} is not this Live Agent."), _FIX)
_TOKEN_WRONG = frozenset({"token_wrong", "token_unset_there", "token_unset"})
CA = cognigy_ai("SSL_CA_FILE")


def way_back(facts: Facts, wrong: Collection[str]) -> Finding:
    """The platform calls Live Agent with its token, as it does to set accounts up."""
    call = facts.way_back
    unknown = Finding("way_back", Verdict.NOT_REACHED, n_("The way back was not tried."))
    if call is None or not call.answered or call.status != OK_STATUS:
        return unknown
    outcome, called = str(call.members.get("outcome")), str(call.members.get("called") or "")
    said = call.members.get("live_agent")
    told = facts.told
    place = CALLS if told is not None and told.values.get(CALLS.key) else LINKS
    address = str(said.get("frontend_url", "")) if isinstance(said, dict) else ""
    own = facts.here.get("FRONTEND_URL")
    if outcome == "ok" and base_of(address) == base_of(own):
        text = n_("Cognigy.AI reaches Live Agent with its token at {called}.")
        return Finding("way_back", Verdict.OK, text, {"called": called})
    if "live_agent_address" in wrong and place == LINKS:
        return unknown  # said already
    if outcome in _TOKEN_WRONG or outcome == "address_unset":
        return _without_way(outcome, wrong, unknown)
    text, fix = _SAYS.get(outcome, _NO_LIVE_AGENT)
    change = (CA,) if outcome == "tls_untrusted" else (place,)
    context = {"called": called}
    return Finding("way_back", Verdict.WRONG, text, context, change=change, fix=fix)


def _without_way(outcome: str, wrong: Collection[str], unknown: Finding) -> Finding:
    if "platform_token" in wrong:
        return unknown
    if outcome == "address_unset":
        return Finding(
            "way_back",
            Verdict.WRONG,
            n_("Cognigy.AI has no address of Live Agent, so that it cannot set up accounts."),
            change=(LINKS,),
            fix=n_("Write FRONTEND_URL in COGNIGY_LIVE_AGENT_UI_BASE_URL_WITH_PROTOCOL."),
        )
    return Finding(
        "way_back",
        Verdict.WRONG,
        n_("The Live Agent that runs does not accept the token that Cognigy.AI sends."),
        change=(live_agent(TOKEN),),
        fix=n_("Restart Live Agent, so that it runs with the present value."),
    )
