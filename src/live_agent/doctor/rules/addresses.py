"""Live Agent's own address: what it says itself, and the two places where the platform has it."""

from kernel.languages import n_
from live_agent.doctor.rules.finding import Finding, Said, Verdict
from live_agent.doctor.rules.places import Place, cognigy_ai, live_agent
from live_agent.doctor.rules.sides import CALLBACK, Side, base_of

OWN = live_agent("FRONTEND_URL")
REDIRECT = cognigy_ai("REDIRECT_URI_COGNIGY_LIVE_AGENT")
LINKS = cognigy_ai("COGNIGY_LIVE_AGENT_UI_BASE_URL_WITH_PROTOCOL")
CALLS = cognigy_ai("COGNIGY_LIVE_AGENT_API_BASE_URL_WITH_PROTOCOL")


def of_live_agent(here: Side, there: Side) -> list[Finding]:
    """The redirect URI character by character, and the address for links."""
    own = here.get(OWN.key).rstrip("/")
    expected, registered = own + CALLBACK, there.get(REDIRECT.key)
    links = there.get(LINKS.key)
    told = (Said(OWN, expected), Said(REDIRECT, registered or None))
    links_agree = not links or base_of(links) == base_of(own)
    if expected == registered:
        text = n_("The registered redirect URI is the one that Live Agent sends.")
        return [Finding("redirect_uri", Verdict.OK, text, {}, *told), *_links(own, links)]
    change = _odd_one(own, registered, links, calls=there.get(CALLS.key))
    wrong = Finding(
        "redirect_uri",
        Verdict.WRONG,
        n_("Live Agent sends another redirect URI than the one that is registered.")
        if registered
        else n_("No redirect URI is registered."),
        {"expected": expected},
        *told,
        change=change,
        fix=n_("Write {expected} in REDIRECT_URI_COGNIGY_LIVE_AGENT.")
        if change == (REDIRECT,)
        else n_("FRONTEND_URL with /omniauth/cognigy/callback has to be the registered one."),
    )
    if change == (OWN,) or links_agree:
        return [wrong]  # what is told of the links has the same cause
    return [wrong, *_links(own, links)]


def _odd_one(own: str, registered: str, links: str, *, calls: str) -> tuple[Place, ...]:
    """Which of the three is alone?"""
    if not registered.endswith(CALLBACK):
        return (REDIRECT,)
    base = base_of(registered.removesuffix(CALLBACK))
    others = {base_of(address) for address in (links, calls) if address}
    if base_of(own) == base or base_of(own) in others:
        return (REDIRECT,)
    return (OWN,) if base in others else (OWN, REDIRECT)


def _links(own: str, links: str) -> list[Finding]:
    """Where the platform's pages lead people who want to go to Live Agent."""
    told = (Said(OWN, own), Said(LINKS, links or None))
    if not links:
        text = n_("Cognigy.AI takes the address of Live Agent from the redirect URI.")
        return [Finding("live_agent_address", Verdict.OK, text, {}, *told)]
    if base_of(links) == base_of(own):
        text = n_("Cognigy.AI knows Live Agent by its address.")
        return [Finding("live_agent_address", Verdict.OK, text, {}, *told)]
    return [
        Finding(
            "live_agent_address",
            Verdict.WRONG,
            n_("Cognigy.AI leads people to another address than that of Live Agent."),
            {"own": own},
            *told,
            change=(LINKS,),
            fix=n_("Write {own} in COGNIGY_LIVE_AGENT_UI_BASE_URL_WITH_PROTOCOL."),
        )
    ]
