"""Every value becomes a setting, and every setting has its value."""

import importlib
import re
import sys
from functools import cache
from types import ModuleType
from typing import Any

import pytest

import cognigy_ai.settings
import live_agent.settings
from kernel.settings import CommonSettings, load
from live_agent.helm.places import CHARTS, Chart
from support.charts import ROOT, changed, render, values_of

SETTINGS: dict[str, type[CommonSettings]] = {
    "live-agent": live_agent.settings.Settings,
    "cognigy-ai": cognigy_ai.settings.Settings,
}
KEYS = {
    name: [str(field.validation_alias) for field in settings.model_fields.values()]
    for name, settings in SETTINGS.items()
}
# The kernel of the container, not a setting: REDIS_URL is put together from it there.
HELPERS = {"REDIS_PASSWORD"}
# A demo is not installed with a chart, and sentinels have to stay empty.
NOT_WRITTEN = {"DEMO_MAIL_FOLDER", "REDIS_SENTINELS"}
FOR_KEY = {
    "POSTGRES_HOST": "db.example.com",
    "POSTGRES_SSL_MODE": "require",
    "LISTEN_ADDRESS": "::",
    "DEVELOPMENT_MODE": "false",
    "LOG_LEVEL": "debug",
    "TRUSTED_PROXIES": "10.0.0.0/8",
    "OUTGOING_ALLOWED_NETWORKS": "10.0.0.0/8",
    "REST_CLIENT_SSL_VERIFICATION": "true",
    "SMTP_AUTHENTICATION": "login",
    "SMTP_OPENSSL_VERIFY_MODE": "peer",
    "MAILER_SENDER_EMAIL": "Desk <desk@example.com>",
    "COGNIGY_OAUTH_CLIENT_AUTH": "client_secret_basic",
    "COGNIGY_OAUTH_ID_TOKEN": "required",
    "COGNIGY_OAUTH_ROLE_MAP": "admin=administrator",
    "DATABASE_URL": "postgresql://u:p@db.example.com/x",
    "REDIS_URL": "rediss://:p@valkey.example.com:6379/0",
}
SECRET = "kY7w2Qm9Zx4Tc8Rb1Nv6Lp3Hs5Gd0Jf" * 3


@cache
def generator() -> ModuleType:
    sys.path.insert(0, str(ROOT / "charts"))
    try:
        spec = importlib.util.spec_from_file_location(
            "charts_generate", ROOT / "charts/generate.py"
        )
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module
    finally:
        sys.path.remove(str(ROOT / "charts"))


def test_the_generated_files_are_what_the_settings_say():
    for path, text in generator().files().items():
        assert path.read_text() == text, f"{path.name} is stale: run `make docs`"


def sample(chart: Chart, key: str) -> str:
    """A valid value that is not the default."""
    if key in FOR_KEY:
        return FOR_KEY[key]
    field = {str(f.validation_alias): f for f in SETTINGS[chart.name].model_fields.values()}[key]
    if generator().is_secret(field):
        return SECRET
    schema = generator().setting_schema(field)
    choice = re.search(r"\(\?i:(\w+)", schema.get("pattern", ""))
    if choice:
        return choice[1]
    if "minimum" in schema:
        return str(schema["minimum"] or 1)
    kinds = {"[Tt]rue": "true", "https": "https://sample.example.com", "": "sample"}
    return next(kinds[part] for part in kinds if part in schema.get("pattern", ""))


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.name)
def test_every_setting_reaches_the_program_under_its_own_name(chart: Chart):
    """All at once, written among the plain keys; secrets among them end up in a secret."""
    values = values_of(f"{chart.name}-existing")
    for block in ("cognigyOAuth", "cognigyPlatformAppToken", "cognigyLiveAgent"):
        values.pop(block, None)
    for block in ("cookiesIntegrity", "smtp", "smtpPasswordExistingSecret", "restClient", "redis"):
        values.pop(block, None)
    values["postgresql"] = {}
    given = {key: sample(chart, key) for key in KEYS[chart.name] if key not in NOT_WRITTEN}
    values[chart.environment] = given
    rendered = render(chart.name, values)
    environment, own = rendered.environment(), rendered.own_secrets()
    for key, value in given.items():
        if isinstance(environment.get(key), tuple):
            assert own[key] == value, key
            assert environment[key] == ("x-" + chart.name + "-environment", key)
        else:
            assert environment[key] == value, key
    assert "kY7w2Qm9" not in str(rendered.of("ConfigMap", "-environment"))


@pytest.mark.parametrize("file", ["production", "existing"])
@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.name)
def test_nothing_reaches_the_program_that_it_does_not_read(chart: Chart, file: str):
    """Back again: what the chart makes of values is a valid environment of the program."""
    environment = render(chart.name, values_of(f"{chart.name}-{file}")).environment()
    assert set(environment) <= {*KEYS[chart.name], *HELPERS}
    flat = {
        key: FOR_KEY.get(key, SECRET)
        if isinstance(value, tuple)
        else value.replace("$(REDIS_PASSWORD)", "as-kubernetes-expands-it")
        for key, value in environment.items()
        if not key.endswith("_FILE") and key not in HELPERS  # files are those of the pod
    }
    settings = load(SETTINGS[chart.name], flat)
    assert settings.postgres_host == flat["POSTGRES_HOST"]


def written_at(chart: Chart, turn: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Values with each secret at one of its places, and what the program has to get then."""
    values, expected = values_of(f"{chart.name}-existing"), {}
    for secret in chart.secrets:
        for path in (*secret.paths, *(one.name for one in secret.existing)):
            values = changed(values, path, None)
        values = changed(values, f"{chart.environment}.{secret.key}", None)
    for secret in chart.secrets:
        places = [*secret.existing, *secret.paths]
        if not places or (secret.key.endswith("_PREVIOUS") and turn % len(places)):
            continue
        place = places[turn % len(places)]
        if isinstance(place, str):
            values, expected[secret.key] = changed(values, place, SECRET), SECRET
            continue
        values = changed(values, place.name, "mine")
        key = place.default_key
        if place.key:
            key = f"key-{secret.key}"
            values = changed(values, place.key, key)
        expected[secret.key] = ("mine", key)
    return values, expected


@pytest.mark.parametrize("turn", range(4))
@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.name)
def test_every_place_of_the_table_is_read_by_the_chart(chart: Chart, turn: int):
    """The table that the linter names places from is the one the chart follows."""
    values, expected = written_at(chart, turn)
    rendered = render(chart.name, values)
    environment, own = rendered.environment(), rendered.own_secrets()
    for key, value in expected.items():
        assert (value == own[key]) if value == SECRET else (environment[key] == value), key


def test_a_whole_number_stays_one():
    """Helm reads 1209600 as a floating point number, whose text would be 1.2096e+06."""
    values = changed(values_of("live-agent-production"), "configmap.AUTH_TOKEN_LIFESPAN", 1209600)
    assert render("live-agent", values).environment()["AUTH_TOKEN_LIFESPAN"] == "1209600"


def frontend(**values: Any) -> str:
    base = values_of("live-agent-production")
    for path, value in values.items():
        base = changed(base, path.replace("__", "."), value)
    return str(render("live-agent", base).environment()["FRONTEND_URL"])


def test_the_address_of_live_agent_is_made_as_installations_have_it():
    assert frontend() == "https://live-agent.example.com"
    assert frontend(frontendUrlOverride="desk.example.com") == "https://desk.example.com"
    own = "https://own.example.com"
    assert frontend(configmap__FRONTEND_URL=own) == own


# --- the known defects of the older charts (contract 1.3) ---------------------------------------


@pytest.mark.parametrize("block", ["cognigyPlatformAppToken", "cognigyOAuth", "cookiesIntegrity"])
def test_the_key_of_an_existing_secret_is_read(block: str):
    """Older charts looked at `existingSecretPasswordKey` and `secretPasswordKey` instead."""
    values = changed(values_of("live-agent-existing"), f"{block}.existingSecretKey", "elsewhere")
    places = render("live-agent", values).environment().values()
    assert [place for place in places if isinstance(place, tuple) and place[1] == "elsewhere"]


def test_a_password_of_the_database_is_never_a_default():
    """An external database without a secret got the word `postgres`."""
    values = changed(values_of("live-agent-production"), "postgresql.auth.existingSecret", None)
    with pytest.raises(Exception, match=r"postgresql\.auth\.existingSecret is missing"):
        render("live-agent", values)


def test_the_token_is_read_at_start_and_not_only_by_the_migration():
    """The older program put it into the database once, so that a rotation needed a migration."""
    rendered = render("live-agent", values_of("live-agent-production"))
    assert "COGNIGY_PLATFORM_APP_TOKEN" in rendered.environment()


@pytest.mark.parametrize("key", ["SECRET_KEY_BASE", "COGNIGY_OAUTH_CLIENT_SECRET"])
def test_a_secret_among_the_plain_keys_is_kept_out_of_the_configmap(key: str):
    """`SECRET_KEY_BASE` and the client secret used to be plain configmap values."""
    values = changed(values_of("live-agent-production"), "cookiesIntegrity", None)
    values = changed(values, "cognigyOAuth", None)
    values = changed(values, "configmap.SECRET_KEY_BASE", SECRET)
    values = changed(values, "configmap.COGNIGY_OAUTH_CLIENT_SECRET", SECRET)
    rendered = render("live-agent", values)
    assert rendered.own_secrets()[key] == SECRET
    for manifest in rendered.manifests:
        assert manifest["kind"] == "Secret" or SECRET not in str(manifest)
