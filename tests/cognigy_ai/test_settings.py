"""The environment of Cognigy.AI: what stops the start, and what it says."""

import pytest

from cognigy_ai.problems import LiveAgentFault, OAuthFault
from cognigy_ai.settings import Settings, key_with_side
from kernel.settings import CommonSettings, SettingsError, load
from live_agent.settings import Settings as SettingsOfLiveAgent

GOOD = {
    "SECRET_KEY_BASE": "0123456789abcdef" * 8,
    "BACKEND_BASE_URL_WITH_PROTOCOL": "https://api.cognigy.example",
    "FRONTEND_BASE_URL_WITH_PROTOCOL": "https://cognigy.example",
    "FEATURE_USE_COGNIGY_LIVE_AGENT": "true",
    "CLIENT_SECRET_COGNIGY_LIVE_AGENT": "Zq8rT2mK5vX9cB4nL7pW1sD6",
    "REDIRECT_URI_COGNIGY_LIVE_AGENT": "https://desk.example/omniauth/cognigy/callback",
}


def faulty_keys(**changes: str) -> list[str]:
    with pytest.raises(SettingsError) as refused:
        load(Settings, GOOD | changes)
    return [fault.key for fault in refused.value.faults]


def test_the_names_of_existing_installations_are_understood():
    settings = load(Settings, GOOD)
    assert settings.issuer == "https://api.cognigy.example"
    assert settings.pages_url == "https://cognigy.example"


def test_an_issuer_may_stand_below_a_path_but_pages_may_not():
    below = {"BACKEND_BASE_URL_WITH_PROTOCOL": "https://cognigy.example/api"}
    assert load(Settings, GOOD | below).issuer == "https://cognigy.example/api"
    assert faulty_keys(**below, FRONTEND_BASE_URL_WITH_PROTOCOL="") == [
        "FRONTEND_BASE_URL_WITH_PROTOCOL"
    ]
    assert faulty_keys(FRONTEND_BASE_URL_WITH_PROTOCOL="https://cognigy.example/ui") == [
        "FRONTEND_BASE_URL_WITH_PROTOCOL"
    ]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("CLIENT_ID_COGNIGY_LIVE_AGENT", "a b:c"),
        ("COGNIGY_LIVE_AGENT_PLATFORM_TOKEN", "changeit"),
        ("CLIENT_SECRET_COGNIGY_LIVE_AGENT", "short"),
        ("CODE_LIFETIME_SECONDS", "0"),
        ("CODE_LIFETIME_SECONDS", "999999999"),
        ("SESSION_LIFETIME_SECONDS", "-1"),
        ("REFRESH_GRACE_SECONDS", "99999999"),
        ("API_ACCESS_TOKEN_EXPIRATION_IN_MINUTES", "-3"),
        ("REDIRECT_URI_COGNIGY_LIVE_AGENT", "http://desk.example/omniauth/cognigy/callback"),
        ("REDIRECT_URI_COGNIGY_LIVE_AGENT", "https://<live-agent>/omniauth/cognigy/callback"),
    ],
)
def test_a_value_that_would_break_or_weaken_the_login_stops_the_start(key: str, value: str):
    assert faulty_keys(**{key: value}) == [key]


def test_live_agent_switched_on_needs_its_secret_and_redirect_uri():
    assert faulty_keys(REDIRECT_URI_COGNIGY_LIVE_AGENT="") == ["REDIRECT_URI_COGNIGY_LIVE_AGENT"]
    assert faulty_keys(CLIENT_SECRET_COGNIGY_LIVE_AGENT="") == ["CLIENT_SECRET_COGNIGY_LIVE_AGENT"]


def test_development_mode_does_not_face_the_network():
    assert faulty_keys(DEVELOPMENT_MODE="true", LISTEN_ADDRESS="0.0.0.0") == ["LISTEN_ADDRESS"]


def keys_of(kind: type[CommonSettings]) -> set[str]:
    return {str(field.validation_alias) for field in kind.model_fields.values()}


KEYS_OF_FAULTS = {key for fault in (*OAuthFault, *LiveAgentFault) for key in fault.spec.keys}


@pytest.mark.parametrize("key", sorted(KEYS_OF_FAULTS))
def test_the_key_of_a_fault_is_told_with_a_system_that_has_it(key: str):
    name, _, side = key_with_side(key).partition(" ")
    has = {"(Cognigy.AI)": keys_of(Settings), "(Live Agent)": keys_of(SettingsOfLiveAgent)}
    assert name == key
    assert key in has[side]


def test_the_two_keys_of_the_platform_token_are_told_apart():
    here = key_with_side("COGNIGY_LIVE_AGENT_PLATFORM_TOKEN")
    assert here == "COGNIGY_LIVE_AGENT_PLATFORM_TOKEN (Cognigy.AI)"
    there = key_with_side("COGNIGY_PLATFORM_APP_TOKEN")
    assert there == "COGNIGY_PLATFORM_APP_TOKEN (Live Agent)"
