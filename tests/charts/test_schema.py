"""What values may hold: one rendering refuses everything that is wrong, with its place."""

import re
from typing import Any

import pytest

from support.charts import RefusedError, changed, render, values_of

CHARTS = ("live-agent", "cognigy-ai")
ENVIRONMENT = {"live-agent": "configmap", "cognigy-ai": "cognigyEnv"}
WRONG: dict[str, Any] = {
    "image.repository": "https://registry.example.com/desk",
    "image.tag": "<tag>",
    "image.digest": "sha256:0f7ae8",
    "cookiesIntegrity.existingSecret": "{{ secret }}",
    "cookiesIntegrity.existingSecretKey": "a key",
    "postgresql.host": "postgresql://db.example.com",
    "postgresql.postgresqlHost": "db:5432",
    "postgresql.sslMode": "required",
    "postgresql.auth.database": "<database>",
    "postgresql.auth.existingSecret": "My_Secret",
    "postgresql.port": 65_536,
    "redis.host": "rediss://valkey.example.com",
    "redis.auth.existingSecret": "change-me",
    "redis.auth.existingSecretPasswordKey": "${KEY}",
    "smtp.secret": "{{ secret }}",
    "restClient.ssl.CASecret": "<secret>",
    "tls.existingSecret": "tls secret",
    "secretEnvironment": {"DATABASE_URL": {"name": "{{ secret }}", "key": "url"}},
    "app.resources": {"limits": {"cpu": "one"}},
    "migration.resources": {"limit": {"cpu": 1}},
    "podDisruptionBudget.maxUnavailable": "a quarter",
    "ingress.hosts": [{"host": "desk.example.com:8443"}],
    "ingress.tls": [{"secretname": "pair"}],
    "ingress.enabled": "yes",
}
# Names of real hosts and passwords in which the letters of a placeholder stand.
RIGHT: dict[str, Any] = {
    "image.repository": "registry.example.com:5000/desk/live-agent",
    "image.tag": 1.5,
    "image.digest": "",
    "postgresql.host": "exchangemedia-db.corp",
    "redis.host": "exchange-me2.corp.",
    "redis.auth.password": "exchange.me-daily",
    "redis.auth.existingSecret": "",
    "ingress.hosts": [{"host": "desk.example.com", "paths": [{"path": "/"}]}],
    "ingress.tls": [{"secretName": "pair", "hosts": ["*.example.com"]}],
    "podDisruptionBudget.maxUnavailable": "25%",
    "app.resources.limits.cpu": "1500m",
    "migration.resources.limits": {"cpu": 2, "memory": "1Gi", "example.com/gpu": 1},
    "service.annotations": {"example.com/scheme": "https"},
    "resources": {"limits": {"cpu": "1"}},
}
ADDRESSES = {"live-agent": "COGNIGY_OAUTH_SITE", "cognigy-ai": "BACKEND_BASE_URL_WITH_PROTOCOL"}


def with_all(values: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    for path, value in changes.items():
        values = changed(values, path, value)
    return values


@pytest.mark.parametrize("version", ["3", "4"])
@pytest.mark.parametrize("chart", CHARTS)
def test_a_wrong_name_is_refused_with_its_place(chart: str, version: str):
    with pytest.raises(RefusedError) as refused:
        render(chart, with_all(values_of(f"{chart}-production"), WRONG), version)
    said = str(refused.value).replace("/", ".")
    for path in WRONG:
        assert re.search(rf"{re.escape(path)}['.:]", said), path


@pytest.mark.parametrize("chart", CHARTS)
def test_what_only_looks_like_a_placeholder_is_taken(chart: str):
    own = {
        ADDRESSES[chart]: "https://[2001:db8::1]:8443",
        "SMTP_ADDRESS": "exchange-mel01.corp.example",
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318",
    }
    given = RIGHT | {f"{ENVIRONMENT[chart]}.{key}": value for key, value in own.items()}
    rendered = render(chart, with_all(values_of(f"{chart}-production"), given))
    assert own.items() <= rendered.environment().items()
    assert rendered.environment()["POSTGRES_HOST"] == "exchangemedia-db.corp"
    assert rendered.container()["resources"]["limits"]["cpu"] == "1500m"
    (container,) = rendered.pods()[1]["containers"]
    assert container["resources"]["limits"] == {
        "cpu": 2, "memory": "1Gi", "example.com/gpu": 1, "ephemeral-storage": "128Mi",
    }  # fmt: skip
    assert rendered.of("PodDisruptionBudget")["spec"]["maxUnavailable"] == "25%"
    annotations = rendered.of("Service")["metadata"]["annotations"]
    assert annotations == {"example.com/scheme": "https"}
    policy = rendered.of("NetworkPolicy", "-migration")["spec"]["egress"]
    assert {"protocol": "TCP", "port": 4318} in policy[1]["ports"]


@pytest.mark.parametrize("host", ["fd00::5", "[fd00::5]"])
def test_an_address_of_the_bus_is_put_in_brackets(host: str):
    values = changed(values_of("live-agent-production"), "redis", {"host": host, "tls": "False"})
    assert render("live-agent", values).own_secrets()["REDIS_URL"] == "redis://[fd00::5]:6379/0"


def test_a_name_of_digits_stays_a_name():
    names = {"tls.existingSecret": "123", "smtp.secret": "456", "smtp.secretPasswordKey": "7"}
    rendered = render("live-agent", with_all(values_of("live-agent-production"), names))
    (served,) = [one for one in rendered.pods()[0]["volumes"] if one["name"] == "served"]
    assert served["secret"]["secretName"] == "123"
    assert rendered.environment()["SMTP_PASSWORD"] == ("456", "7")


SWITCHES = {
    "ingress.enabled": "Ingress",
    "networkPolicy.enabled": "NetworkPolicy",
    "podDisruptionBudget.enabled": "PodDisruptionBudget",
    "hpa.enabled": "HorizontalPodAutoscaler",
    "metrics.serviceMonitor.enabled": "ServiceMonitor",
    "metrics.prometheusRule.enabled": "PrometheusRule",
}


@pytest.mark.parametrize("word", ["false", "False"])
def test_false_in_quotes_is_no(word: str):
    off = dict.fromkeys(SWITCHES, word)
    others = ("postgresql.enabled", "redis.enabled", "redis.tls", "metrics.dashboard.enabled")
    values = with_all(values_of("live-agent-production"), off | dict.fromkeys(others, word))
    rendered = render("live-agent", values)
    assert [kind for kind in SWITCHES.values() if rendered.has(kind)] == []
    assert "replicas" in rendered.of("Deployment")["spec"]
    assert rendered.environment()["REDIS_URL"].startswith("redis://")
    assert not [one for one in rendered.manifests if one["metadata"]["name"].endswith("-dashboard")]


def test_true_in_quotes_is_yes():
    values = with_all(values_of("live-agent-production"), dict.fromkeys(SWITCHES, "true"))
    rendered = render("live-agent", changed(values, "redis.tls", "True"))
    assert [kind for kind in SWITCHES.values() if not rendered.has(kind)] == []
    assert rendered.environment()["REDIS_URL"].startswith("rediss://")
    for service in ("postgresql", "redis"):
        with pytest.raises(RefusedError, match=f"{service}.enabled: this chart brings no"):
            render("live-agent", changed(values, f"{service}.enabled", "true"))
