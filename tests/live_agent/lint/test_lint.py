"""`live-agent lint`, as an operator runs it: each trap is named with its key, side and place.

Idea 3; pains 9, 14 and 16; contract 2.2 and 9.
"""

import contextlib
import copy
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic.fields import FieldInfo

import cognigy_ai.settings
from live_agent.cli.commands import cli
from live_agent.lint.platform_settings import PlatformSettings

VALUES = Path(__file__).parents[2] / "charts" / "values"
SECRET = "q7Vd2Rk9Tz4Lx8Wc1Mn6Pb3Hs5Gf0Jy"
TOKEN = "e3Ab8Cd1Fg6Hk0Lm5Np9Qr4St7Uv2Wx"
LIVE_AGENT: dict[str, Any] = {
    "image": {"repository": "registry.example.com/live-agent"},
    "configmap": {
        "TRUSTED_PROXIES": "10.0.0.0/8",
        "COGNIGY_OAUTH_CLIENT_ID": "cognigy-live-agent",
        "COGNIGY_OAUTH_SITE": "https://api.example.com",
        "COGNIGY_OAUTH_AUTHORIZE_URL": "https://cognigy.example.com/login?cognigy-live-agent=true",
        "COGNIGY_OAUTH_TOKEN_URL": "https://api.example.com/auth/oauth2/token",
        "COGNIGY_AI_UI_BASE_URL_WITH_PROTOCOL": "https://cognigy.example.com",
        "SMTP_ADDRESS": "smtp.example.com",
    },
    "cognigyOAuth": {"secret": SECRET},
    "cognigyPlatformAppToken": {"token": TOKEN},
    "cookiesIntegrity": {"secret": "kJ3nB7vC1xZ9mQ5wE2rT6yU0iO4pA8sD" * 2},
    "postgresql": {"host": "db", "auth": {"postgresPassword": "w8Jd-kq2"}},
    "ingress": {"hosts": [{"host": "live-agent.example.com"}]},
}
COGNIGY_AI: dict[str, Any] = {
    "image": {"repository": "registry.example.com/cognigy-ai"},
    "cognigyEnv": {
        "TRUSTED_PROXIES": "10.0.0.0/8",
        "BACKEND_BASE_URL_WITH_PROTOCOL": "https://api.example.com",
        "FRONTEND_BASE_URL_WITH_PROTOCOL": "https://cognigy.example.com",
        "FEATURE_USE_COGNIGY_LIVE_AGENT": "true",
        "CLIENT_ID_COGNIGY_LIVE_AGENT": "cognigy-live-agent",
        "CLIENT_SECRET_COGNIGY_LIVE_AGENT": SECRET,
        "REDIRECT_URI_COGNIGY_LIVE_AGENT": "https://live-agent.example.com/omniauth/cognigy/callback",
        "COGNIGY_LIVE_AGENT_UI_BASE_URL_WITH_PROTOCOL": "https://live-agent.example.com",
        "COGNIGY_LIVE_AGENT_API_BASE_URL_WITH_PROTOCOL": "https://live-agent.example.com",
    },
    "cognigyLiveAgent": {"platformToken": TOKEN},
    "cookiesIntegrity": {"secret": "zX4cV8bN2mA6sD0fG5hJ9kL3qW7eR1tY" * 2},
    "postgresql": {"host": "db", "auth": {"postgresPassword": "p2Lm-xv7"}},
}
OAUTH, ENV = "configmap.COGNIGY_OAUTH_", "cognigyEnv."
CALLBACK = f"{ENV}REDIRECT_URI_COGNIGY_LIVE_AGENT"
LINKS = f"{ENV}COGNIGY_LIVE_AGENT_UI_BASE_URL_WITH_PROTOCOL"
LA = "Live Agent"
AI = "Cognigy.AI"

# One value changed → the key that is named, and its side.
TRAPS: dict[str, tuple[str, object, str, str]] = {
    "another client id": (f"{OAUTH}CLIENT_ID", "live-agent-2", "COGNIGY_OAUTH_CLIENT_ID", LA),
    "another client id there": (
        f"{ENV}CLIENT_ID_COGNIGY_LIVE_AGENT", "other", "CLIENT_ID_COGNIGY_LIVE_AGENT", AI),
    "another secret": ("cognigyOAuth.secret", TOKEN[::-1], "COGNIGY_OAUTH_CLIENT_SECRET", LA),
    "a short secret": ("cognigyOAuth.secret", "q7Vd2Rk9", "COGNIGY_OAUTH_CLIENT_SECRET", LA),
    "no secret": ("cognigyOAuth.secret", None, "COGNIGY_OAUTH_CLIENT_SECRET", LA),
    "no secret there": (
        f"{ENV}CLIENT_SECRET_COGNIGY_LIVE_AGENT", None, "CLIENT_SECRET_COGNIGY_LIVE_AGENT", AI),
    "another token": (
        "cognigyLiveAgent.platformToken", SECRET[::-1], "COGNIGY_LIVE_AGENT_PLATFORM_TOKEN", AI),
    "no token there": (
        "cognigyLiveAgent.platformToken", None, "COGNIGY_LIVE_AGENT_PLATFORM_TOKEN", AI),
    "a slash behind the callback": (
        CALLBACK, "https://live-agent.example.com/omniauth/cognigy/callback/",
        "REDIRECT_URI_COGNIGY_LIVE_AGENT", AI),
    "the callback of another path": (
        CALLBACK, "https://live-agent.example.com/auth/callback",
        "REDIRECT_URI_COGNIGY_LIVE_AGENT", AI),
    "a callback by http": (
        CALLBACK, "http://live-agent.example.com/omniauth/cognigy/callback",
        "REDIRECT_URI_COGNIGY_LIVE_AGENT", AI),
    "one letter of the callback": (
        CALLBACK, "https://live-agent.exmaple.com/omniauth/cognigy/callback",
        "REDIRECT_URI_COGNIGY_LIVE_AGENT", AI),
    "no callback": (CALLBACK, None, "REDIRECT_URI_COGNIGY_LIVE_AGENT", AI),
    "Live Agent by http": ("urlProtocol", "http", "FRONTEND_URL", LA),
    "another address for links": (
        LINKS, "https://desk.example.com", "COGNIGY_LIVE_AGENT_UI_BASE_URL_WITH_PROTOCOL", AI),
    "swapped: the token's URL on the host of the pages": (
        f"{OAUTH}TOKEN_URL", "https://cognigy.example.com/auth/oauth2/token",
        "COGNIGY_OAUTH_TOKEN_URL", LA),
    "swapped: a login page as the token's URL": (
        f"{OAUTH}TOKEN_URL", "https://cognigy.example.com/login", "COGNIGY_OAUTH_TOKEN_URL", LA),
    "swapped: the login page on the API's host": (
        f"{OAUTH}AUTHORIZE_URL", "https://api.example.com/login?cognigy-live-agent=true",
        "COGNIGY_OAUTH_AUTHORIZE_URL", LA),
    "the API's address of the pages": (
        f"{OAUTH}SITE", "https://cognigy.example.com", "COGNIGY_OAUTH_SITE", LA),
    "a quote in the address": (
        f"{OAUTH}SITE", 'https://api.example.com"/v2.0', "COGNIGY_OAUTH_SITE", LA),
    "a placeholder": (
        f"{OAUTH}SITE", "https://api.<installation.domain.com>", "COGNIGY_OAUTH_SITE", LA),
    "the API by http": (f"{OAUTH}SITE", "http://api.example.com", "COGNIGY_OAUTH_SITE", LA),
    "the link to the pages": (
        "configmap.COGNIGY_AI_UI_BASE_URL_WITH_PROTOCOL", "https://api.example.com",
        "COGNIGY_AI_UI_BASE_URL_WITH_PROTOCOL", LA),
    "the feature switched off": (
        f"{ENV}FEATURE_USE_COGNIGY_LIVE_AGENT", "false", "FEATURE_USE_COGNIGY_LIVE_AGENT", AI),
    "the feature emptied, which is off": (
        f"{ENV}FEATURE_USE_COGNIGY_LIVE_AGENT", "", "FEATURE_USE_COGNIGY_LIVE_AGENT", AI),
    "a PostgreSQL of the chart": ("postgresql.enabled", True, "postgresql.enabled", LA),
    "no host of the database": ("postgresql.host", None, "POSTGRES_HOST", LA),
    "no password of the database": (
        "postgresql.auth.postgresPassword", None, "POSTGRES_PASSWORD", LA),
    "SQLite in a cluster": ("configmap.DATABASE_URL", "sqlite:///la.db", "DATABASE_URL", LA),
    "a Valkey of the chart": ("redis.enabled", "true", "redis.enabled", LA),
    "no password of the mail server": (
        "configmap.SMTP_USERNAME", "live-agent", "SMTP_PASSWORD", LA),
    "a client certificate": (
        "restClient.ssl.clientCertSecret", "mine", "restClient.ssl.clientCertSecret", LA),
    "no image": ("image.repository", None, "image.repository", LA),
    "an ingress that nobody trusts": ("configmap.TRUSTED_PROXIES", "", "TRUSTED_PROXIES", LA),
    "an ingress that nobody trusts there": (
        f"{ENV}TRUSTED_PROXIES", None, "TRUSTED_PROXIES", AI),
    "TLS unverified": (
        "restClient.ssl.verification", "false", "REST_CLIENT_SSL_VERIFICATION", LA),
    "mail unverified": (
        "configmap.SMTP_OPENSSL_VERIFY_MODE", "none", "SMTP_OPENSSL_VERIFY_MODE", LA),
    "a published SECRET_KEY_BASE": (
        "cookiesIntegrity.secret", "replace_with_lengthy_secure_hex", "SECRET_KEY_BASE", LA),
    "the default password of a database": (
        "postgresql.auth.postgresPassword", "postgres", "POSTGRES_PASSWORD", LA),
    "a key misspelt": (
        "configmap.COGNIGY_OAUTH_SCOPE", "openid", "COGNIGY_OAUTH_SCOPE", LA),
    "a role that nobody has": (
        f"{OAUTH}ROLE_MAP", "liveAgentAgnet=agent", "COGNIGY_OAUTH_ROLE_MAP", LA),
}  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    code: int
    stdout: str
    stderr: str


def run_live_agent(*words: str) -> Outcome:
    """The command as the program calls it."""
    said, complained = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(complained):
        try:
            cli(list(words), standalone_mode=True)
        except SystemExit as ended:
            code = int(ended.code or 0)
    return Outcome(code, said.getvalue(), complained.getvalue())


def changed(values: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    out = copy.deepcopy(values)
    *folders, last = path.split(".")
    at = out
    for folder in folders:
        at = at.setdefault(folder, {})
    if value is None:
        at.pop(last, None)
    else:
        at[last] = value
    return out


@pytest.fixture
def lint(tmp_path: Path):
    def run(mine: object, theirs: object, *words: str) -> Outcome:
        paths = []
        for name, values in (("la.yaml", mine), ("ai.yaml", theirs)):
            path = tmp_path / name
            path.write_text(values if isinstance(values, str) else yaml.safe_dump(values))
            paths.append(str(path))
        return run_live_agent("lint", *paths, *words)

    return run


def pair_with(path: str, value: object) -> tuple[dict[str, Any], dict[str, Any]]:
    if path.startswith(("cognigyEnv.", "cognigyLiveAgent.")):
        return LIVE_AGENT, changed(COGNIGY_AI, path, value)
    return changed(LIVE_AGENT, path, value), COGNIGY_AI


def wrong(outcome: Outcome) -> list[dict[str, Any]]:
    findings = json.loads(outcome.stdout)["findings"]
    return [finding for finding in findings if finding["verdict"] == "wrong"]


def test_a_pair_that_fits_has_nothing_to_say(lint):
    outcome = lint(LIVE_AGENT, COGNIGY_AI)
    assert outcome.code == 0, outcome.stdout
    assert " 0 wrong" in outcome.stdout


@pytest.mark.parametrize("kind", ["production", "existing"])
def test_the_examples_fit_and_secrets_in_the_cluster_are_not_judged(lint, kind: str):
    texts = [
        (VALUES / f"{chart}-{kind}.yaml").read_text() for chart in ("live-agent", "cognigy-ai")
    ]
    outcome = lint(*texts)
    assert outcome.code == 0, outcome.stdout
    assert "existing secrets" in outcome.stdout


@pytest.mark.parametrize("trap", TRAPS)
def test_a_trap_is_named_with_its_key_and_its_side_and_nothing_else(lint, trap: str):
    path, value, key, side = TRAPS[trap]
    outcome = lint(*pair_with(path, value), "--json")
    assert outcome.code == 1, outcome.stdout
    (finding,) = wrong(outcome)
    assert all(place["helm"] for place in finding["change"])
    assert (side, key) in {(place["side"], place["key"]) for place in finding["change"]}
    assert finding["fix"]
    assert finding["what"]


@pytest.mark.parametrize("trap", TRAPS)
def test_no_secret_is_ever_printed(lint, trap: str):
    path, value, _, _ = TRAPS[trap]
    mine, theirs = pair_with(path, value)
    for outcome in (lint(mine, theirs), lint(mine, theirs, "--json")):
        said = outcome.stdout + outcome.stderr
        for secret in (SECRET, TOKEN, SECRET[::-1], TOKEN[::-1], "w8Jd-kq2", "kJ3nB7vC1"):
            assert secret not in said


def test_the_first_character_that_differs_is_marked(lint):
    mine, theirs = pair_with(CALLBACK, TRAPS["one letter of the callback"][1])
    outcome = lint(mine, theirs)
    lines = outcome.stdout.splitlines()
    (marked,) = [line for line in lines if "is the first that differs" in line]
    number = len("https://live-agent.ex") + 1
    assert f"character {number} " in marked
    (ours,) = [n for n, line in enumerate(lines) if "exmaple" in line and "Cognigy.AI" in line]
    at = lines[ours].index("https://") + number - 1
    assert lines[ours][at : at + 2] == "ma"
    assert marked.index("^") == at


def test_faults_that_have_nothing_to_do_with_each_other_are_all_told_at_once(lint):
    mine = changed(LIVE_AGENT, f"{OAUTH}TOKEN_URL", "https://cognigy.example.com/auth/oauth2/token")
    mine = changed(mine, "cognigyOAuth.secret", TOKEN[::-1])
    theirs = changed(COGNIGY_AI, f"{ENV}BACKEND_BASE_URL_WITH_PROTOCOL", "http://api.example.com")
    theirs = changed(theirs, CALLBACK, "https://live-agent.example.com/callback")
    checks = {finding["check"].partition(":")[0] for finding in wrong(lint(mine, theirs, "--json"))}
    assert checks == {"setting", "token_url", "client_secret", "redirect_uri"}


def test_it_says_where_the_value_was_found(lint):
    outcome = lint(*pair_with("urlProtocol", "http"), "--json")
    (finding,) = wrong(outcome)
    assert finding["change"][0]["helm"] == "ingress.hosts[0].host"
    values = changed(LIVE_AGENT, "frontendUrlOverride", "desk.example.com/x")
    (finding,) = wrong(lint(values, COGNIGY_AI, "--json"))
    assert finding["change"][0]["helm"] == "frontendUrlOverride"


def test_both_sides_without_a_token_are_told(lint):
    mine = changed(LIVE_AGENT, "cognigyPlatformAppToken", None)
    theirs = changed(COGNIGY_AI, "cognigyLiveAgent", None)
    found = wrong(lint(mine, theirs, "--json"))
    assert {place["key"] for one in found for place in one["change"]} == {
        "COGNIGY_PLATFORM_APP_TOKEN",
        "COGNIGY_LIVE_AGENT_PLATFORM_TOKEN",
    }


def test_without_an_ingress_of_the_chart_no_proxy_has_to_be_named(lint):
    mine = changed(LIVE_AGENT, "configmap.TRUSTED_PROXIES", None)
    assert lint(changed(mine, "ingress.enabled", value=False), COGNIGY_AI).code == 0


def test_files_that_say_nothing_are_told_all_that_is_missing(lint):
    found = wrong(lint("", "cognigyEnv:\n", "--json"))
    told = {(place["side"], place["helm"]) for one in found for place in one["change"]}
    everywhere = {"image.repository", "postgresql.host", "cookiesIntegrity.existingSecret"}
    assert told >= {(side, value) for side in (LA, AI) for value in everywhere}
    assert (AI, f"{ENV}FEATURE_USE_COGNIGY_LIVE_AGENT") in told  # null takes the default away


def test_one_secret_for_two_purposes_is_told(lint):
    mine = changed(LIVE_AGENT, "cognigyPlatformAppToken.token", SECRET)
    theirs = changed(COGNIGY_AI, "cognigyLiveAgent.platformToken", SECRET)
    (finding,) = wrong(lint(mine, theirs, "--json"))
    assert "several purposes" in finding["what"]


def test_both_sides_need_a_key_of_their_own(lint):
    theirs = changed(COGNIGY_AI, "cookiesIntegrity", LIVE_AGENT["cookiesIntegrity"])
    (finding,) = wrong(lint(LIVE_AGENT, theirs, "--json"))
    assert {place["key"] for place in finding["change"]} == {"SECRET_KEY_BASE"}


def as_environment(values: dict[str, Any], environment: str, **more: str) -> str:
    return "".join(f"{key}={value}\n" for key, value in (values[environment] | more).items())


def test_two_environments_are_judged_as_two_values_files_are(lint):
    own = {"POSTGRES_HOST": "db", "POSTGRES_PASSWORD": "w8Jd-kq2"}
    mine = as_environment(
        LIVE_AGENT,
        "configmap",
        FRONTEND_URL="https://live-agent.example.com",
        COGNIGY_OAUTH_CLIENT_SECRET=SECRET,
        COGNIGY_PLATFORM_APP_TOKEN=TOKEN,
        SECRET_KEY_BASE=LIVE_AGENT["cookiesIntegrity"]["secret"],
        **own,
    )
    theirs = as_environment(
        COGNIGY_AI,
        "cognigyEnv",
        COGNIGY_LIVE_AGENT_PLATFORM_TOKEN=TOKEN,
        SECRET_KEY_BASE=COGNIGY_AI["cookiesIntegrity"]["secret"],
        **own,
    )
    assert lint(mine, theirs, "--env").code == 0
    outcome = lint(mine.replace(SECRET, SECRET[::-1]), theirs, "--env", "--json")
    (finding,) = wrong(outcome)
    assert finding["check"] == "client_secret"


def test_files_in_the_wrong_order_are_told(lint):
    outcome = lint(COGNIGY_AI, LIVE_AGENT)
    assert outcome.code == 1
    assert "first the values of Live Agent" in outcome.stderr


def test_what_is_no_yaml_is_told_without_repeating_it(lint):
    outcome = lint("cognigyOAuth:\n  secret: '" + SECRET + "\n x: : y", COGNIGY_AI)
    assert outcome.code == 1
    assert "is not YAML" in outcome.stderr
    assert SECRET not in outcome.stderr + outcome.stdout


@pytest.mark.parametrize("text", ["", "[]", "text", "cognigyOAuth: []\ningress: {hosts: [3]}"])
def test_odd_files_are_no_crash(lint, text: str):
    outcome = lint(text, COGNIGY_AI)
    assert outcome.code == 1
    assert "Traceback" not in outcome.stderr


def test_the_linter_judges_the_platform_as_the_platform_itself_does():
    """Live Agent may not import the platform; its own copy of these keys must say the same."""

    def told(field: FieldInfo) -> tuple[object, ...]:
        names = [getattr(one, "func", one).__qualname__ for one in field.metadata]
        return (field.validation_alias, field.is_required(), field.default, names)

    theirs = cognigy_ai.settings.Settings.model_fields
    for name, field in PlatformSettings.model_fields.items():
        if name in {"client_id_cognigy_live_agent", "port"}:
            continue  # the platform also judges its letters, which shows as a difference
        assert told(field) == told(theirs[name]), name
        assert str(field.annotation).count("Validator") == str(theirs[name].annotation).count(
            "Validator"
        )
