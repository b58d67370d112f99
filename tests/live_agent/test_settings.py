"""The environment of Live Agent: what stops the start, and what it says."""

import pytest

from kernel.settings import SettingsError, load
from live_agent.settings import Settings

GOOD = {
    "SECRET_KEY_BASE": "0123456789abcdef" * 8,
    "FRONTEND_URL": "https://desk.example",
    "COGNIGY_OAUTH_SITE": "https://api.cognigy.example/v2.0",
    "COGNIGY_OAUTH_CLIENT_SECRET": "Zq8rT2mK5vX9cB4nL7pW1sD6",
}


def faulty_keys(**changes: str) -> list[str]:
    with pytest.raises(SettingsError) as refused:
        load(Settings, GOOD | changes)
    return [fault.key for fault in refused.value.faults]


def test_the_site_is_the_issuer_with_or_without_its_version():
    for site in ("https://api.cognigy.example/v2.0", "https://api.cognigy.example/"):
        settings = load(Settings, GOOD | {"COGNIGY_OAUTH_SITE": site})
        assert settings.issuer == "https://api.cognigy.example"
    assert settings.redirect_uri == "https://desk.example/omniauth/cognigy/callback"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("FRONTEND_URL", "https://desk.example/desk"),
        ("FRONTEND_URL", "http://desk.example"),
        ("COGNIGY_OAUTH_SITE", "https://desk.example"),
        ("COGNIGY_OAUTH_SITE", "https://<installation.domain.com>"),
        ("COGNIGY_OAUTH_CLIENT_AUTH", "basic"),
        ("COGNIGY_OAUTH_TIMEOUT_SECONDS", "0"),
        ("COGNIGY_OAUTH_CLOCK_SKEW_SECONDS", "999999999"),
        ("COGNIGY_OAUTH_CLOCK_SKEW_SECONDS", "-100"),
        ("COGNIGY_OAUTH_ID_TOKEN", "maybe"),
        ("COGNIGY_OAUTH_ROLE_MAP", "admin=owner"),
        ("COGNIGY_OAUTH_TOKEN_URL", "https://cognigy.example/login"),
        ("COGNIGY_OAUTH_JWKS_URL", "http://api.cognigy.example/jwks"),
        ("COGNIGY_PLATFORM_APP_TOKEN", "secret"),
    ],
)
def test_a_value_that_would_break_or_weaken_the_login_stops_the_start(key: str, value: str):
    assert faulty_keys(**{key: value}) == [key]


def test_without_id_tokens_the_userinfo_endpoint_has_to_be_named():
    assert faulty_keys(COGNIGY_OAUTH_ID_TOKEN="absent") == ["COGNIGY_OAUTH_USERINFO_URL"]


def test_all_faults_are_told_at_once_with_their_fix():
    with pytest.raises(SettingsError) as refused:
        load(Settings, {"FRONTEND_URL": "https://<host>", "COGNIGY_OAUTH_TIMEOUT_SECONDS": "soon"})
    told = {fault.key: fault for fault in refused.value.faults}
    assert set(told) == {
        "FRONTEND_URL",
        "COGNIGY_OAUTH_TIMEOUT_SECONDS",
        "SECRET_KEY_BASE",
        "COGNIGY_OAUTH_SITE",
        "COGNIGY_OAUTH_CLIENT_SECRET",
    }
    assert all(fault.fault and fault.fix for fault in told.values())


def test_no_secret_is_shown_when_settings_are_printed():
    settings = load(Settings, GOOD)
    assert GOOD["SECRET_KEY_BASE"] not in repr(settings)
    assert GOOD["COGNIGY_OAUTH_CLIENT_SECRET"] not in repr(settings)
