"""What the page of the doctor says of a finding, and what of it is an operator's alone."""

from collections.abc import Callable
from dataclasses import dataclass

from kernel.languages import n_
from kernel.problems import filled
from live_agent.doctor.rules.finding import Finding, Said, Verdict
from live_agent.doctor.rules.places import Place, System

TITLES = {
    "redirect_uri": n_("Redirect URI"),
    "client_id": n_("Client ID"),
    "client_secret": n_("Client secret"),
    "client": n_("Client at the token endpoint"),
    "platform_token": n_("Platform token"),
    "way_back": n_("Cognigy.AI reaches Live Agent"),
    "issuer": n_("Issuer"),
    "live_agent_address": n_("Address of Live Agent"),
    "site": n_("Address of the API"),
    "api_address": n_("Address of the API"),
    "token_url": n_("Token endpoint"),
    "api_link": n_("Address for contact profiles"),
    "authorize_url": n_("Login page of Cognigy.AI"),
    "cognigy_link": n_("Link to Cognigy.AI"),
    "reach": n_("Network and certificates"),
    "discovery": n_("Discovery"),
    "keys": n_("Keys of the provider"),
    "algorithm": n_("Signature algorithm"),
    "clock": n_("Clocks"),
    "feature": n_("Login of Live Agent in Cognigy.AI"),
    "scopes": n_("Scopes"),
    "claims": n_("Claims"),
    "roles": n_("Roles"),
    "organisations": n_("Organisation of this account"),
    "pairs": n_("Comparison of both sides"),
    "browser": n_("Address in the browser"),
    "database": n_("Database"),
    "mail": n_("Mail"),
    "bus": n_("Valkey"),
}
VERDICTS = {
    Verdict.WRONG: (n_("wrong"), "danger"),
    Verdict.NOT_REACHED: (n_("not reached"), "warning"),
    Verdict.NOT_ASKED: (n_("not asked"), "neutral"),
    Verdict.OK: (n_("ok"), "success"),
}
# These may name servers of the inner network; an account's administrator has no business there.
OPERATORS = frozenset(
    {
        "reach",
        "way_back",
        "database",
        "mail",
        "bus",
        "site",
        "api_address",
        "token_url",
        "api_link",
        "discovery",
        "keys",
    }
)
# Written by the organisation's own administrator, not by an operator.
ADMINISTRATORS = frozenset({"organisations"})

Say = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Side:
    """One of two values, with the place where it is set."""

    label: str
    value: str | None


@dataclass(frozen=True, slots=True)
class CheckView:
    """One row of the page; several may have one name."""

    name: str
    title: str
    verdict: str
    badge: str
    open: bool
    what: str
    here: Side | None
    there: Side | None
    change: tuple[Place, ...]
    fix: str
    command: str  # for the operator, where only they may see more


def view(finding: Finding, say: Say) -> CheckView:
    """A finding in the reader's language."""
    verdict, badge = VERDICTS[finding.verdict]
    internal = finding.check in OPERATORS
    bad = finding.verdict in (Verdict.WRONG, Verdict.NOT_REACHED)
    hidden = internal and finding.verdict is not Verdict.OK
    compared = bad and not internal
    return CheckView(
        name=finding.check,
        title=say(TITLES[finding.check]),
        verdict=say(verdict),
        badge=badge,
        open=finding.verdict is Verdict.WRONG,
        what="" if internal else filled(say(finding.text), finding.context),
        here=_side(finding.here, say) if compared else None,
        there=_side(finding.there, say) if compared else None,
        change=finding.change if bad else (),
        fix=filled(say(finding.fix), finding.context) if bad and not internal else "",
        command="live-agent doctor" if hidden and finding.change else "",
    )


def _side(said: Said | None, say: Say) -> Side | None:
    if said is None or said.value is None:
        return None
    if said.place.key == "Host":
        return Side(say(n_("the browser")), said.value)
    foreign = said.place.system is System.PROVIDER
    return Side(say(n_("the provider")) if foreign else said.place.system.value, said.value)
