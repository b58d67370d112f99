"""What installs, what is refused, and in which words."""

from typing import Any

import pytest

from support.charts import VALUES, RefusedError, changed, helm, render, values_of

CHARTS = ("live-agent", "cognigy-ai")


@pytest.mark.parametrize("version", ["3", "4"])
@pytest.mark.parametrize("chart", CHARTS)
def test_without_values_everything_that_is_missing_is_named_at_once(chart: str, version: str):
    with pytest.raises(RefusedError) as refused:
        render(chart, version=version)
    said = str(refused.value)
    for value in ("image.repository", "cookiesIntegrity.existingSecret", "postgresql.host"):
        assert f"{value} is missing" in said
    assert "cognigyOAuth.existingSecret is missing" in said


@pytest.mark.parametrize("version", ["3", "4"])
@pytest.mark.parametrize("file", sorted(path.stem for path in VALUES.glob("*.yaml")))
def test_the_values_files_pass_the_strict_lint(file: str, version: str):
    chart = file.rpartition("-")[0]
    folder = str(VALUES.parents[2] / "charts" / chart)
    assert "0 chart(s) failed" in helm(version, "lint", "--strict", folder, values=values_of(file))


@pytest.mark.parametrize("file", ["live-agent-production", "cognigy-ai-existing"])
def test_both_versions_of_helm_render_the_same(file: str):
    chart = file.rpartition("-")[0]
    three, four = (render(chart, values_of(file), version) for version in ("3", "4"))
    key = lambda one: (one["kind"], one["metadata"]["name"])  # noqa: E731
    assert sorted(three.manifests, key=key) == sorted(four.manifests, key=key)


WRONG = {
    "a placeholder": ("COGNIGY_OAUTH_SITE", "https://api.<installation.domain.com>"),
    "http": ("COGNIGY_OAUTH_SITE", "http://api.example.com"),
    "no scheme": ("COGNIGY_OAUTH_TOKEN_URL", "api.example.com/auth/oauth2/token"),
    "a quote in it": ("COGNIGY_OAUTH_SITE", 'https://api.example.com"/v2.0'),
    "a blank in it": ("COGNIGY_OAUTH_AUTHORIZE_URL", "https://ai.example.com/ login"),
    "a query where paths are appended": ("COGNIGY_OAUTH_SITE", "https://api.example.com?x=1"),
    "a number out of bounds": ("AUTH_TOKEN_LIFESPAN", 3),
    "a word that is no choice": ("SMTP_AUTHENTICATION", "digest"),
    "development": ("DEVELOPMENT_MODE", "true"),
    "a typing mistake in a key": ("COGNIGY_OAUTH_CLINET_ID", "cognigy-live-agent"),
    "the chart's example of a sender": ("MAILER_SENDER_EMAIL", "Support <support@domain.com>"),
    "a published secret": ("SECRET_KEY_BASE", "replace_with_lengthy_secure_hex"),
    "a short secret": ("COGNIGY_OAUTH_CLIENT_SECRET", "Sh0rt-but-Secret-12345"),
    "an example of a secret": ("COGNIGY_OAUTH_CLIENT_SECRET", "your-client-secret-of-the-platform"),
    "SQLite": ("DATABASE_URL", "sqlite:///live_agent.db"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_value_is_refused_with_its_place(what: str):
    key, value = WRONG[what]
    values = changed(values_of("live-agent-production"), f"configmap.{key}", value)
    with pytest.raises(RefusedError) as refused:
        render("live-agent", values)
    assert key in str(refused.value)


@pytest.mark.parametrize("version", ["3", "4"])
@pytest.mark.parametrize(
    "place", ["configmap.COGNIGY_OAUTH_CLIENT_SECRET", "cognigyOAuth.secret", "redis.password"]
)
def test_a_refusal_does_not_repeat_a_secret(place: str, version: str):
    wrong = {"redis.password": "cHangeMe"}.get(place, "Sh0rt-but-Secret-12345")
    with pytest.raises(RefusedError) as refused:
        render("live-agent", changed(values_of("live-agent-production"), place, wrong), version)
    assert wrong not in str(refused.value)


MISSING = {
    "cognigyOAuth": "COGNIGY_OAUTH_CLIENT_SECRET",
    "cognigyPlatformAppToken": "COGNIGY_PLATFORM_APP_TOKEN",
    "cookiesIntegrity": "SECRET_KEY_BASE",
    "postgresql": "POSTGRES_HOST",
    "smtp": "SMTP_PASSWORD",
}


@pytest.mark.parametrize("block", MISSING)
def test_no_secret_is_ever_invented(block: str):
    """Pain 16; contract 1.3: the two charts made values that never agreed."""
    with pytest.raises(RefusedError) as refused:
        render("live-agent", changed(values_of("live-agent-production"), block, None))
    assert MISSING[block] in str(refused.value)
    assert "is missing" in str(refused.value)


REFUSED_SERVICES = {
    "postgresql.enabled": (True, "postgresql.host"),
    "redis.enabled": (True, "redis.host"),
    "restClient.ssl.verification": ("false", "restClient.ssl.CASecret"),
    "restClient.ssl.clientCertSecret": ("certificate", "Remove it"),
}


@pytest.mark.parametrize("path", REFUSED_SERVICES)
def test_what_this_chart_does_not_bring_is_refused_with_what_to_write(path: str):
    value, instead = REFUSED_SERVICES[path]
    with pytest.raises(RefusedError) as refused:
        render("live-agent", changed(values_of("live-agent-existing"), path, value))
    assert path in str(refused.value)
    assert instead in str(refused.value)


@pytest.mark.parametrize("chart", CHARTS)
def test_behind_an_ingress_its_network_has_to_be_named(chart: str):
    """Else everybody has its address, and one attacker locks everybody's login."""
    key = {"live-agent": "configmap", "cognigy-ai": "cognigyEnv"}[chart] + ".TRUSTED_PROXIES"
    values = changed(values_of(f"{chart}-existing"), key, None)
    with pytest.raises(RefusedError, match=f"{key} is missing .* such as 10.42.0.0/16"):
        render(chart, values)
    render(chart, changed(values, "ingress.enabled", value=False))


def test_the_login_can_stay_switched_off_without_its_secrets():
    values = changed(values_of("cognigy-ai-production"), "cognigyOAuth", None)
    values = changed(values, "cognigyLiveAgent", None)
    values = changed(values, "cognigyEnv.FEATURE_USE_COGNIGY_LIVE_AGENT", "false")
    assert "CLIENT_SECRET_COGNIGY_LIVE_AGENT" not in render("cognigy-ai", values).environment()


@pytest.mark.parametrize("off", [False, "false"])
def test_another_provider_gets_no_platform_token(off: object):
    """Not even where its secret is still named."""
    values = values_of("live-agent-production")
    values = changed(values, "cognigyPlatformAppToken.existingSecretPreviousKey", "before")
    values = changed(values, "cognigyPlatformAppToken.enabled", off)
    assert not [one for one in render("live-agent", values).environment() if "TOKEN_PR" in one
                or one == "COGNIGY_PLATFORM_APP_TOKEN"]  # fmt: skip


def notes(folder: str, values: dict[str, Any]) -> str:
    said = helm("4", "install", "x", folder, "--dry-run=client", values=values)
    return said.partition("NOTES:")[2]


def test_an_ingress_without_tls_is_told_after_the_installation():
    folder = str(VALUES.parents[2] / "charts" / "live-agent")
    values = changed(values_of("live-agent-existing"), "ingress.tls", [])
    said = notes(folder, changed(values, "configmap.FORCE_SSL", "true"))
    assert "ingress.tls is empty" in said
    assert "the ingress redirects" not in said
    assert "ingress.tls is empty" not in notes(folder, changed(values, "ingress.enabled", "false"))


def test_what_is_accepted_and_not_used_is_said_after_the_installation():
    folder = str(VALUES.parents[2] / "charts" / "live-agent")
    values = changed(values_of("live-agent-existing"), "resources", {"limits": {"cpu": 1}})
    said = notes(folder, values)
    assert "resources: app.resources is read" in said
    assert "ingress.tls is empty" not in said
    assert "worker: there are no worker processes" in said
    assert "configmap.ACTIVE_STORAGE_SERVICE" in said
    assert "https://live-agent.customer.example/omniauth/cognigy/callback" in said


OLDER = {
    "live-agent": (
        "AWS_SECRET_ACCESS_KEY AZURE_STORAGE_ACCESS_KEY GCS_CREDENTIALS STORAGE_SECRET_ACCESS_KEY "
        "S3_BUCKET_NAME VAPID_PRIVATE_KEY RAILS_INBOUND_EMAIL_PASSWORD MAILGUN_INGRESS_SIGNING_KEY "
        "MANDRILL_INGRESS_API_KEY REDIS_SENTINEL_PORT"
    ),
    "cognigy-ai": (
        "LIVE_AGENT_API_SECRET LIVE_AGENT_CLIENT_SECRET LIVE_AGENT_TOKEN_TTL_IN_SECONDS "
        "LIVE_AGENT_BACKEND_BASE_URL_WITH_PROTOCOL LIVE_AGENT_API_CORS_WHITELIST OAUTH_CLIENT_ID "
        "AUTO_LOGOUT_IDLE_TIME_IN_MIN FEATURE_ENABLE_AUTHENTICATION_WITH_PKCE AGENT_BOT_NAME"
    ),
}


@pytest.mark.parametrize("chart", CHARTS)
def test_keys_of_an_older_file_are_taken_said_and_kept_from_the_pods(chart: str):
    """Contract 1.2 and 2.1."""
    values = values_of(f"{chart}-existing")
    environment = {"live-agent": "configmap", "cognigy-ai": "cognigyEnv"}[chart]
    values[environment] |= dict.fromkeys(OLDER[chart].split(), "of-the-older-program")
    assert "of-the-older-program" not in render(chart, values).text
    folder = str(VALUES.parents[2] / "charts" / chart)
    said = helm("4", "install", "x", folder, "--dry-run=client", values=values)
    notes = said.partition("NOTES:")[2]
    for key in OLDER[chart].split():
        assert f"{environment}.{key}: " in notes
    assert "of-the-older-program" not in notes


@pytest.mark.parametrize(
    ("chart", "path"),
    [
        ("live-agent", "configmap.REDIS_SENTINELS"),
        ("cognigy-ai", "cognigyEnv.DEACTIVATE_NON_SSO_LOGIN"),
        ("cognigy-ai", "cognigyEnv.SOMETHING_OF_COGNIGY_AI"),
    ],
)
def test_what_would_change_who_gets_in_or_is_unknown_is_refused(chart: str, path: str):
    with pytest.raises(RefusedError, match=path.rpartition(".")[2]):
        render(chart, changed(values_of(f"{chart}-existing"), path, "true"))
