"""Which organisation has which account, as each side has it."""

from collections.abc import Mapping

from kernel.languages import n_
from live_agent.doctor.rules.facts import AccountSeen, Facts
from live_agent.doctor.rules.finding import Finding, Verdict
from live_agent.doctor.rules.places import Place, System
from live_agent.doctor.rules.told import OrganisationTold, Told

MAP = Place(System.LIVE_AGENT, "live-agent accounts map")
SET_UP = Place(System.COGNIGY_AI, "cognigy-ai organisations set-up-live-agent")


def judge(facts: Facts, told: Told) -> list[Finding]:
    """What does not fit, one finding each; else one that all do."""
    if facts.accounts is None:
        text = n_("The accounts could not be read.")
        return [Finding("organisations", Verdict.NOT_REACHED, text)]
    there = {one.id: one for one in told.organisations}
    pairs = [(account, there.get(account.organisation)) for account in facts.accounts]
    found = [finding for account, one in pairs if one and (finding := _misfit(account, one))]
    if not facts.one_account:
        found += _lost(told, {account.organisation for account in facts.accounts})
    if found:
        return found
    if not facts.accounts:
        text = n_("No account is set up yet: an organisation's admin does that in Cognigy.AI.")
        return [Finding("organisations", Verdict.NOT_ASKED, text)]
    text = n_("Each account belongs to an organisation of Cognigy.AI.")
    return [Finding("organisations", Verdict.OK, text)]


def _misfit(account: AccountSeen, there: OrganisationTold) -> Finding | None:
    context: dict[str, object] = {"account": account.id, "organisation": account.organisation}
    if not there.known:
        return _wrong(account.organisation, UNKNOWN, context, MAP, MAP_FIX)
    if there.account in (None, account.id):
        return None
    context["other"] = there.account
    return _wrong(account.organisation, ANOTHER, context, SET_UP, SET_UP_FIX)


def _lost(told: Told, mapped: set[str]) -> list[Finding]:
    """Set up there, and no account here."""
    return [
        _wrong(one.id, LOST, {"account": one.account, "organisation": one.id}, MAP, REMAP_FIX)
        for one in told.set_up
        if one.id not in mapped
    ]


UNKNOWN = n_("Cognigy.AI has no organisation {organisation}, to which account {account} belongs.")
ANOTHER = n_(
    "Cognigy.AI takes account {other} for the one of organisation {organisation}; here it is "
    "account {account}."
)
LOST = n_(
    "Cognigy.AI has set up Live Agent for organisation {organisation} (account {account}), but no "
    "account here belongs to it."
)
REMAP_FIX = "live-agent accounts map {account} --organisation {organisation}"
MAP_FIX = "live-agent accounts map {account} --organisation ID"
SET_UP_FIX = "cognigy-ai organisations set-up-live-agent {organisation}"


def _wrong(
    subject: str, text: str, context: Mapping[str, object], place: Place, fix: str
) -> Finding:
    return Finding(
        "organisations", Verdict.WRONG, text, context, change=(place,), fix=fix, subject=subject
    )
