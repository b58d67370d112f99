"""The way to the provider, and what the browser brings back."""

from dataclasses import replace
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest

from live_agent.oauth.rules import authorization_request as request_rules
from live_agent.oauth.rules import authorization_response as response_rules
from live_agent.oauth.rules.authorization_request import Client
from live_agent.oauth.rules.authorization_response import AuthorizationResponse
from live_agent.oauth.rules.flow import Flow
from live_agent.problems import Fault, Problem

ISSUER = "https://api.example.com"
FLOW = Flow("the-state", "the-nonce", "v" * 43, "/app", ISSUER, 1000)
CLIENT = Client(
    "live-agent",
    "https://desk.example.com/omniauth/cognigy/callback",
    ("openid", "email"),
    uses_id_token=True,
)
GOOD = AuthorizationResponse("the-state", "the-code", "", "", ISSUER)


def sent_to(endpoint: str, client: Client = CLIENT, prompt: str | None = None) -> dict[str, str]:
    url = request_rules.authorization_url(endpoint, request_rules.parameters(client, FLOW, prompt))
    pairs = parse_qsl(urlsplit(url).query, strict_parsing=True)
    assert len(dict(pairs)) == len(pairs), "a parameter is repeated"
    return dict(pairs)


def test_the_request_has_everything_that_the_code_flow_with_pkce_needs():
    assert sent_to("https://login.example.com/authorize") == {
        "response_type": "code",
        "client_id": "live-agent",
        "redirect_uri": "https://desk.example.com/omniauth/cognigy/callback",
        "scope": "openid email",
        "state": "the-state",
        "nonce": "the-nonce",
        "code_challenge": request_rules.s256_challenge("v" * 43),
        "code_challenge_method": "S256",
    }


def test_the_challenge_is_that_of_the_standard():
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"  # RFC 7636 appendix B
    expected = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    assert request_rules.s256_challenge(verifier) == expected


def test_the_configured_query_is_kept():
    found = sent_to(
        "https://cognigy.example.com/login?cognigy-live-agent=true&organisationId=&x=a+b"
    )
    assert found["cognigy-live-agent"] == "true"
    assert found["x"] == "a b"
    assert found["client_id"] == "live-agent"


def test_the_configured_query_cannot_repeat_what_we_say():
    found = sent_to("https://cognigy.example.com/login?state=fixed&client_id=other")
    assert found["state"] == "the-state"
    assert found["client_id"] == "live-agent"


@pytest.mark.parametrize("prompt", ["login", "select_account"])
def test_another_account_may_be_asked_for(prompt: str):
    assert sent_to("https://login.example.com", prompt=prompt)["prompt"] == prompt


@pytest.mark.parametrize("prompt", [None, "", "none", "consent", "login none", "anything"])
def test_no_other_prompt_is_passed_on(prompt: str | None):
    assert "prompt" not in sent_to("https://login.example.com", prompt=prompt)


def test_without_id_tokens_nothing_of_openid_connect_is_asked_for():
    scopes = request_rules.scopes_to_ask("openid email openid", uses_id_token=False)
    assert scopes == ("email",)
    client = replace(CLIENT, scopes=scopes, uses_id_token=False)
    assert parse_qs("") == {}
    found = sent_to("https://login.example.com", client)
    assert found["scope"] == "email"
    assert "nonce" not in found


def test_openid_is_asked_for_even_if_it_was_forgotten():
    assert request_rules.scopes_to_ask("email", uses_id_token=True) == ("openid", "email")


def test_a_good_answer_is_believed():
    assert response_rules.refusal(GOOD, ISSUER, iss_required=True) is None
    assert response_rules.refusal(replace(GOOD, iss=""), ISSUER, iss_required=False) is None


@pytest.mark.parametrize(
    "iss", ["https://evil.example", ISSUER + "/", ISSUER.upper(), "https%3A%2F%2Fapi.example.com"]
)
def test_the_answer_of_another_provider_is_refused(iss: str):
    """RFC 9207 section 2.4, mix-up: also when the provider does not say that it sends `iss`."""
    for answer in (replace(GOOD, iss=iss), replace(GOOD, iss=iss, error="access_denied")):
        for required in (True, False):
            found = response_rules.refusal(answer, ISSUER, iss_required=required)
            assert found is not None
            assert found.fault is Fault.ISSUER_DIFFERS


def test_an_answer_without_issuer_is_refused_if_the_provider_sends_it():
    found = response_rules.refusal(replace(GOOD, iss=""), ISSUER, iss_required=True)
    assert found is not None
    assert found.fault is Fault.ISSUER_DIFFERS


@pytest.mark.parametrize(
    ("error", "problem", "fault"),
    [
        ("access_denied", Problem.LOGIN_CANCELLED, None),
        ("temporarily_unavailable", Problem.PROVIDER_UNAVAILABLE, None),
        ("server_error", Problem.PROVIDER_UNAVAILABLE, None),
        ("login_required", Problem.LOGIN_EXPIRED, None),
        ("interaction_required", Problem.LOGIN_EXPIRED, None),
        ("invalid_scope", Problem.OAUTH_CONFIGURATION, Fault.SCOPE_REFUSED),
        ("unauthorized_client", Problem.OAUTH_CONFIGURATION, Fault.CLIENT_UNKNOWN),
        ("invalid_request", Problem.OAUTH_CONFIGURATION, Fault.REQUEST_REFUSED),
        ("unsupported_response_type", Problem.OAUTH_CONFIGURATION, Fault.REQUEST_REFUSED),
        ("anything_new", Problem.OAUTH_CONFIGURATION, Fault.REQUEST_REFUSED),
    ],
)
def test_each_error_of_the_provider_is_told(error: str, problem: Problem, fault: Fault | None):
    answer = replace(GOOD, code="", error=error, error_description="because\nof <this>")
    found = response_rules.refusal(answer, ISSUER, iss_required=True)
    assert found is not None
    assert (found.problem, found.fault) == (problem, fault)
    assert found.detail == f"{error}: because?of <this>"


def test_an_error_beside_a_code_is_an_error():
    answer = replace(GOOD, error="access_denied")
    found = response_rules.refusal(answer, ISSUER, iss_required=True)
    assert found is not None
    assert found.problem is Problem.LOGIN_CANCELLED


def test_neither_code_nor_error_is_malformed():
    found = response_rules.refusal(replace(GOOD, code=""), ISSUER, iss_required=True)
    assert found is not None
    assert found.fault is Fault.RESPONSE_MALFORMED


def test_what_is_longer_than_ours_counts_as_absent():
    found = response_rules.parse({"state": "s" * 201, "code": "c" * 4097})
    assert (found.state, found.code) == ("", "")
