"""Pair by pair: each test starts from two sides that fit and changes one thing."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from cognigy_ai.clients.rules import SCOPES
from cognigy_ai.roles.rules import ROLES
from live_agent.doctor.rules.finding import Finding, Verdict, exit_code, in_order
from live_agent.doctor.rules.pairs import judge
from live_agent.doctor.rules.places import Place, cognigy_ai, live_agent
from live_agent.doctor.rules.sides import PLATFORM_ROLES, PLATFORM_SCOPES, Side

DESK, API, PAGES = "https://la.example.com", "https://api.example.com", "https://ai.example.com"
HERE = Side(
    {
        "FRONTEND_URL": DESK,
        "COGNIGY_OAUTH_SITE": f"{API}/v2.0",
        "COGNIGY_OAUTH_TOKEN_URL": f"{API}/auth/oauth2/token",
        "COGNIGY_OAUTH_AUTHORIZE_URL": f"{PAGES}/login?cognigy-live-agent=true",
        "COGNIGY_AI_UI_BASE_URL_WITH_PROTOCOL": PAGES,
        "COGNIGY_AI_API_BASE_URL_WITH_PROTOCOL": API,
    },
    {"COGNIGY_OAUTH_CLIENT_SECRET": "s", "COGNIGY_PLATFORM_APP_TOKEN": "t"},
)
THERE = Side(
    {
        "FEATURE_USE_COGNIGY_LIVE_AGENT": "true",
        "BACKEND_BASE_URL_WITH_PROTOCOL": API,
        "FRONTEND_BASE_URL_WITH_PROTOCOL": PAGES,
        "REDIRECT_URI_COGNIGY_LIVE_AGENT": f"{DESK}/omniauth/cognigy/callback",
        "COGNIGY_LIVE_AGENT_UI_BASE_URL_WITH_PROTOCOL": DESK,
    },
    {"CLIENT_SECRET_COGNIGY_LIVE_AGENT": "s", "COGNIGY_LIVE_AGENT_PLATFORM_TOKEN": "t"},
)
LA, AI = live_agent, cognigy_ai
CALLBACK = "/omniauth/cognigy/callback"
WHOLE_DESK = {
    "REDIRECT_URI_COGNIGY_LIVE_AGENT": f"https://other.example.com{CALLBACK}",
    "COGNIGY_LIVE_AGENT_UI_BASE_URL_WITH_PROTOCOL": "https://other.example.com",
}


def with_(side: Side, changes: Mapping[str, str | None]) -> Side:
    """A side with other values; None unsets one."""
    kept = {key: value for key, value in side.values.items() if key not in changes}
    return replace(side, values=kept | {k: v for k, v in changes.items() if v is not None})


def wrong(here: Side, there: Side) -> dict[str, set[Place]]:
    """What is wrong, and which keys are to be changed."""
    found = judge(here, there)
    assert len({finding.name for finding in found}) == len(found)
    for finding in found:
        assert "{" not in finding.what + finding.remedy, "a field was not filled in"
        assert not finding.is_wrong or (finding.change and finding.fix)
    return {finding.name: set(finding.change) for finding in found if finding.is_wrong}


def one(here: Side, there: Side, name: str) -> Finding:
    return next(finding for finding in judge(here, there) if finding.name == name)


def test_two_sides_that_fit():
    assert wrong(HERE, THERE) == {}
    assert exit_code(judge(HERE, THERE)) == 0


@pytest.mark.parametrize(
    ("here", "there", "expected"),
    [
        ({"COGNIGY_OAUTH_CLIENT_ID": "x"}, {}, {"client_id": {LA("COGNIGY_OAUTH_CLIENT_ID")}}),
        ({}, {"CLIENT_ID_COGNIGY_LIVE_AGENT": "x"},
         {"client_id": {AI("CLIENT_ID_COGNIGY_LIVE_AGENT")}}),
        ({}, {"FEATURE_USE_COGNIGY_LIVE_AGENT": None},
         {"feature": {AI("FEATURE_USE_COGNIGY_LIVE_AGENT")}}),
        ({}, {"FEATURE_USE_COGNIGY_LIVE_AGENT": "false"},
         {"feature": {AI("FEATURE_USE_COGNIGY_LIVE_AGENT")}}),
        # --- the address of Live Agent: whoever is alone among three is to be changed
        ({}, {"REDIRECT_URI_COGNIGY_LIVE_AGENT": f"{DESK}{CALLBACK}/"},
         {"redirect_uri": {AI("REDIRECT_URI_COGNIGY_LIVE_AGENT")}}),
        ({}, {"REDIRECT_URI_COGNIGY_LIVE_AGENT": f"http://la.example.com{CALLBACK}"},
         {"redirect_uri": {AI("REDIRECT_URI_COGNIGY_LIVE_AGENT")}}),
        ({}, {"REDIRECT_URI_COGNIGY_LIVE_AGENT": None},
         {"redirect_uri": {AI("REDIRECT_URI_COGNIGY_LIVE_AGENT")}}),
        ({"FRONTEND_URL": "http://la.example.com"}, {}, {"redirect_uri": {LA("FRONTEND_URL")}}),
        ({"FRONTEND_URL": "https://old.example.com"},
         {"COGNIGY_LIVE_AGENT_UI_BASE_URL_WITH_PROTOCOL": None},
         {"redirect_uri": {LA("FRONTEND_URL"), AI("REDIRECT_URI_COGNIGY_LIVE_AGENT")}}),
        ({}, {"COGNIGY_LIVE_AGENT_UI_BASE_URL_WITH_PROTOCOL": API},
         {"live_agent_address": {AI("COGNIGY_LIVE_AGENT_UI_BASE_URL_WITH_PROTOCOL")}}),
        ({}, {"COGNIGY_LIVE_AGENT_UI_BASE_URL_WITH_PROTOCOL": API,
              "REDIRECT_URI_COGNIGY_LIVE_AGENT": f"{DESK}/callback"},
         {"live_agent_address": {AI("COGNIGY_LIVE_AGENT_UI_BASE_URL_WITH_PROTOCOL")},
          "redirect_uri": {AI("REDIRECT_URI_COGNIGY_LIVE_AGENT")}}),
        ({}, WHOLE_DESK, {"redirect_uri": {LA("FRONTEND_URL")}}),
        # --- the platform's API
        ({"COGNIGY_OAUTH_SITE": "https://wrong.example.com"}, {},
         {"site": {LA("COGNIGY_OAUTH_SITE")}}),
        ({"COGNIGY_OAUTH_SITE": PAGES}, {}, {"site": {LA("COGNIGY_OAUTH_SITE")}}),
        ({"COGNIGY_OAUTH_TOKEN_URL": f"{API}/v2.0/auth/oauth2/token"}, {},
         {"token_url": {LA("COGNIGY_OAUTH_TOKEN_URL")}}),
        ({"COGNIGY_OAUTH_TOKEN_URL": f"{API}/auth/oauth2/token/"}, {},
         {"token_url": {LA("COGNIGY_OAUTH_TOKEN_URL")}}),
        ({"COGNIGY_OAUTH_TOKEN_URL": f"{PAGES}/auth/oauth2/token",
          "COGNIGY_OAUTH_AUTHORIZE_URL": f"{API}/login?cognigy-live-agent=true"}, {},
         {"token_url": {LA("COGNIGY_OAUTH_TOKEN_URL")},
          "authorize_url": {LA("COGNIGY_OAUTH_AUTHORIZE_URL")}}),
        ({"COGNIGY_OAUTH_ISSUER": f"{API}/"}, {}, {"issuer": {LA("COGNIGY_OAUTH_ISSUER")}}),
        ({"COGNIGY_OAUTH_ISSUER": f"{API}/v2.0"}, {}, {"issuer": {LA("COGNIGY_OAUTH_ISSUER")}}),
        ({"COGNIGY_AI_API_BASE_URL_WITH_PROTOCOL": PAGES}, {},
         {"api_link": {LA("COGNIGY_AI_API_BASE_URL_WITH_PROTOCOL")}}),
        ({}, {"BACKEND_BASE_URL_WITH_PROTOCOL": "http://api.example.com"},
         {"api_address": {AI("BACKEND_BASE_URL_WITH_PROTOCOL")}}),
        ({"COGNIGY_OAUTH_AUTHORIZE_URL": f"{API}/login?cognigy-live-agent=true",
          "COGNIGY_AI_UI_BASE_URL_WITH_PROTOCOL": API},
         {"BACKEND_BASE_URL_WITH_PROTOCOL": "https://b.example.com",
          "FRONTEND_BASE_URL_WITH_PROTOCOL": None},
         {"api_address": {AI("BACKEND_BASE_URL_WITH_PROTOCOL")}}),
        # --- the platform's pages
        ({"COGNIGY_OAUTH_AUTHORIZE_URL": "https://wrong.example.com/login"}, {},
         {"authorize_url": {LA("COGNIGY_OAUTH_AUTHORIZE_URL")}}),
        ({"COGNIGY_OAUTH_AUTHORIZE_URL": f"{PAGES}/v2.0/login"}, {},
         {"authorize_url": {LA("COGNIGY_OAUTH_AUTHORIZE_URL")}}),
        ({"COGNIGY_AI_UI_BASE_URL_WITH_PROTOCOL": API}, {},
         {"cognigy_link": {LA("COGNIGY_AI_UI_BASE_URL_WITH_PROTOCOL")}}),
        ({}, {"FRONTEND_BASE_URL_WITH_PROTOCOL": "https://old.example.com"},
         {"authorize_url": {AI("FRONTEND_BASE_URL_WITH_PROTOCOL")}}),
        # --- access
        ({"COGNIGY_OAUTH_SCOPES": "openid email"}, {}, {"scopes": {LA("COGNIGY_OAUTH_SCOPES")}}),
        ({"COGNIGY_OAUTH_SCOPES": "openid organisation roles groups"}, {},
         {"scopes": {LA("COGNIGY_OAUTH_SCOPES")}}),
        ({"COGNIGY_OAUTH_ROLES_CLAIM": "groups"}, {},
         {"claims": {LA("COGNIGY_OAUTH_ROLES_CLAIM")}}),
        ({"COGNIGY_OAUTH_ROLE_MAP": "liveagentagent=agent"}, {},
         {"roles": {LA("COGNIGY_OAUTH_ROLE_MAP")}}),
        ({"COGNIGY_OAUTH_ROLE_MAP": "admin=agent,desk=agent"}, {},
         {"roles": {LA("COGNIGY_OAUTH_ROLE_MAP")}}),
    ],
)  # fmt: skip
def test_the_value_that_is_alone_is_named_and_nothing_else(
    here: dict[str, str | None], there: dict[str, str | None], expected: dict[str, set[Place]]
):
    """Ideas 2 and 3; the traps of the contract's section 9."""
    assert wrong(with_(HERE, here), with_(THERE, there)) == expected


def test_what_may_be_left_out_or_written_otherwise_is_no_fault():
    bare = {key: None for key in HERE.values if key not in ("FRONTEND_URL", "COGNIGY_OAUTH_SITE")}
    assert wrong(with_(HERE, bare), THERE) == {}
    other = {
        "FRONTEND_URL": f"{DESK}/",
        "COGNIGY_OAUTH_SITE": "https://API.example.com:443/",
        "COGNIGY_OAUTH_ISSUER": API,
        "COGNIGY_OAUTH_ROLE_MAP": "liveAgentAgent=agent",
    }
    lone = with_(THERE, {"COGNIGY_LIVE_AGENT_UI_BASE_URL_WITH_PROTOCOL": None})
    assert wrong(with_(HERE, other), lone) == {}
    assert "admin" in one(with_(HERE, other), lone, "roles").what


def test_an_address_that_was_proved_may_have_another_name_but_not_that_of_the_pages():
    inner = "http://service-api.cognigy-ai.svc:8000"
    here = with_(
        HERE,
        {
            "COGNIGY_OAUTH_SITE": inner,
            "COGNIGY_OAUTH_TOKEN_URL": "http://service-api/auth/oauth2/token",
            "COGNIGY_OAUTH_ISSUER": API,
        },
    )
    proved = {"COGNIGY_OAUTH_SITE", "COGNIGY_OAUTH_TOKEN_URL"}
    assert set(wrong(here, THERE)) == {"site", "token_url"}
    assert [f.name for f in judge(here, THERE, proved=proved) if f.is_wrong] == []
    swapped = with_(HERE, {"COGNIGY_OAUTH_SITE": PAGES})
    assert [f.name for f in judge(swapped, THERE, proved=proved) if f.is_wrong] == ["site"]


def test_secrets_are_compared_by_fingerprint_and_never_told():
    other = replace(HERE, secrets={**HERE.secrets, "COGNIGY_OAUTH_CLIENT_SECRET": "0fae-other"})
    assert wrong(other, THERE) == {
        "client_secret": {
            LA("COGNIGY_OAUTH_CLIENT_SECRET"),
            AI("CLIENT_SECRET_COGNIGY_LIVE_AGENT"),
        }
    }
    assert "0fae" not in repr(judge(other, THERE))
    assert "0fae" not in repr(other)
    token = replace(THERE, secrets={**THERE.secrets, "COGNIGY_LIVE_AGENT_PLATFORM_TOKEN": "o"})
    finding = one(HERE, token, "platform_token")
    assert finding.change == (
        LA("COGNIGY_PLATFORM_APP_TOKEN"),
        AI("COGNIGY_LIVE_AGENT_PLATFORM_TOKEN"),
    )
    assert finding.here is not None
    assert finding.here.place == LA("COGNIGY_PLATFORM_APP_TOKEN")


def test_a_secret_that_one_side_lacks_is_named_there():
    none = replace(THERE, secrets={})
    assert wrong(HERE, none) == {
        "client_secret": {AI("CLIENT_SECRET_COGNIGY_LIVE_AGENT")},
        "platform_token": {AI("COGNIGY_LIVE_AGENT_PLATFORM_TOKEN")},
    }
    tokens = (
        replace(s, secrets={k: "s" for k in s.secrets if "SECRET" in k}) for s in (HERE, THERE)
    )
    assert one(*tokens, "platform_token").verdict is Verdict.NOT_ASKED


def test_the_secret_before_is_still_accepted_on_the_side_that_accepts():
    rotating = replace(
        THERE,
        secrets={
            "CLIENT_SECRET_COGNIGY_LIVE_AGENT": "new",
            "CLIENT_SECRET_COGNIGY_LIVE_AGENT_PREVIOUS": "s",
            "COGNIGY_LIVE_AGENT_PLATFORM_TOKEN": "t",
        },
    )
    assert wrong(HERE, rotating) == {}
    desk = {"COGNIGY_PLATFORM_APP_TOKEN": "n", "COGNIGY_PLATFORM_APP_TOKEN_PREVIOUS": "t"}
    assert wrong(replace(HERE, secrets={**HERE.secrets, **desk}), THERE) == {}


def test_a_secret_that_cannot_be_read_here_is_not_judged():
    hidden = replace(THERE, secrets={}, hidden=frozenset(THERE.secrets))
    assert wrong(HERE, hidden) == {}
    assert one(HERE, hidden, "client_secret").verdict is Verdict.NOT_ASKED


def test_the_first_character_that_differs_is_counted():
    there = with_(THERE, {"REDIRECT_URI_COGNIGY_LIVE_AGENT": f"http://la.example.com{CALLBACK}"})
    assert one(HERE, there, "redirect_uri").first_difference == 5
    assert one(HERE, THERE, "redirect_uri").first_difference is None
    assert one(HERE, THERE, "client_secret").first_difference is None
    assert one(HERE, THERE, "scopes").first_difference is None


def test_wrong_ones_come_first_and_the_exit_code_tells_the_worst():
    ok, lost = Finding("a", Verdict.OK, ""), Finding("b", Verdict.NOT_REACHED, "", subject="x")
    bad = Finding("c", Verdict.WRONG, "")
    assert in_order([ok, lost, bad]) == [bad, lost, ok]
    assert [exit_code(f) for f in ([ok], [ok, lost], [lost, bad])] == [0, 2, 1]
    assert lost.name == "b:x"


def test_every_place_names_the_environment_key_and_the_helm_value():
    assert str(LA("COGNIGY_OAUTH_SITE")) == "COGNIGY_OAUTH_SITE (Live Agent)"
    assert LA("COGNIGY_OAUTH_SITE").helm == "configmap.COGNIGY_OAUTH_SITE"
    assert AI("CLIENT_ID_COGNIGY_LIVE_AGENT").helm == "cognigyEnv.CLIENT_ID_COGNIGY_LIVE_AGENT"
    assert AI("COGNIGY_LIVE_AGENT_PLATFORM_TOKEN").helm == "cognigyLiveAgent.existingSecret"
    assert LA("COGNIGY_OAUTH_CLIENT_SECRET").helm == "cognigyOAuth.existingSecret"


def test_the_platform_has_the_roles_and_scopes_that_are_taken_for_its_own():
    assert set(PLATFORM_ROLES) == set(ROLES)
    assert set(PLATFORM_SCOPES) == set(SCOPES)
