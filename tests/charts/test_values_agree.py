"""The linter reads values as the chart does: what it judges is what the program would get."""

from typing import Any

import pytest
import yaml

from live_agent.helm.legacy import is_unused
from live_agent.helm.places import CHARTS, Chart
from live_agent.helm.values import of_values
from live_agent.lint import chart_rules
from support.charts import ROOT, RefusedError, changed, has_value, render, values_of

SECRET = "kY7w2Qm9Zx4Tc8Rb1Nv6Lp3Hs5Gd0Jf" * 3
# What is the chart's own, and files, which lie in the pod.
OF_THE_CHART = {"LISTEN_ADDRESS", "PORT", "REDIS_PASSWORD"}
CHANGES: dict[str, list[tuple[str, Any]]] = {
    "as it is": [],
    "written in clear": [
        ("cognigyOAuth", {"secret": SECRET}),
        ("cookiesIntegrity", {"secret": SECRET}),
        ("postgresql.auth.existingSecret", None),
        ("postgresql.auth.password", "w8Jd-kq2"),
        ("redis", {"host": "valkey", "port": 6380, "tls": True, "auth": {"password": "a b/c@d"}}),
        ("smtp", {"password": "s3cr3t pass"}),
    ],
    "numbers and switches": [
        ("postgresql.port", 6432.0),
        ("restClient.ssl.verification", True),
        ("metrics", {"enabled": True, "port": 9100}),
    ],
    "switches in quotes": [
        ("cognigyPlatformAppToken.enabled", "false"),
        ("redis", {"host": "fd00::5", "tls": "True"}),
    ],
    "a secret of its own for an address": [
        ("secretEnvironment", {"DATABASE_URL": {"name": "mine", "key": "url"},
                               "REDIS_URL": {"name": "mine", "key": "bus"}}),
    ],
}  # fmt: skip


def merged(values: Any, over: Any) -> Any:
    """As Helm lays a values file over the chart's own."""
    if not isinstance(values, dict) or not isinstance(over, dict):
        return over
    return values | {key: merged(values.get(key), value) for key, value in over.items()}


def own_values(chart: Chart) -> dict[str, Any]:
    values: dict[str, Any] = yaml.safe_load(
        (ROOT / "charts" / chart.name / "values.yaml").read_text()
    )
    return values


@pytest.mark.parametrize("what", CHANGES)
@pytest.mark.parametrize("file", ["production", "existing"])
@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.name)
def test_both_read_the_same(chart: Chart, file: str, what: str):
    values = values_of(f"{chart.name}-{file}")
    for path, value in CHANGES[what]:
        if not has_value(chart.name, path.partition(".")[0]):
            continue  # Cognigy.AI has no switch for the token
        values = changed(values, path, value)
    rendered = render(chart.name, values)
    environment, own = rendered.environment(), rendered.own_secrets()
    given = of_values(chart, merged(own_values(chart), values))
    assert given.hidden == {
        key
        for key, value in environment.items()
        if key not in OF_THE_CHART and key not in own
        if isinstance(value, tuple) or "$(" in value
    }
    expected = {
        key: own.get(key, value)
        for key, value in environment.items()
        if key not in OF_THE_CHART | given.hidden and not key.endswith("_FILE")
    }
    read = {k: v for k, v in given.environment.items() if not is_unused(chart.name, k)}
    assert read == expected


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.name)
def test_what_the_table_takes_for_a_default_is_the_chart_s(chart: Chart):
    for key, value in chart.defaults:
        assert own_values(chart)[chart.environment][key] == value


# One change, and what both name.
REFUSED: dict[str, tuple[Any, str]] = {
    "image": (None, "image.repository"),
    "postgresql.enabled": ("true", "postgresql.enabled"),
    "postgresql.host": (None, "POSTGRES_HOST"),
    "postgresql.auth.existingSecret": ("", "POSTGRES_PASSWORD"),
    "redis.enabled": (True, "redis.enabled"),
    "smtp.secret": (None, "SMTP_PASSWORD"),
    "TRUSTED_PROXIES": (None, "TRUSTED_PROXIES"),
    "restClient.ssl.clientCertSecret": ("mine", "restClient.ssl.clientCertSecret"),
}


@pytest.mark.parametrize("path", REFUSED)
@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.name)
def test_what_the_templates_refuse_the_linter_names(chart: Chart, path: str):
    value, named = REFUSED[path]
    path = f"{chart.environment}.{path}" if path.isupper() else path
    values = changed(values_of(f"{chart.name}-production"), path, value)
    with pytest.raises(RefusedError) as refused:
        render(chart.name, values)
    assert named in str(refused.value)
    (fault,) = chart_rules.refused(of_values(chart, values))
    assert fault.key == named


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.name)
def test_what_the_templates_take_the_linter_takes(chart: Chart):
    for file in ("production", "existing"):
        assert not list(chart_rules.refused(of_values(chart, values_of(f"{chart.name}-{file}"))))


@pytest.mark.parametrize("emptied", ["", None, "false"])
def test_a_login_that_is_switched_off_needs_nothing_of_both_sides(emptied: str | None):
    (_, chart) = CHARTS
    values = values_of(f"{chart.name}-production")
    for block in ("cognigyOAuth", "cognigyLiveAgent"):
        values = changed(values, block, None)
    values["cognigyEnv"]["FEATURE_USE_COGNIGY_LIVE_AGENT"] = emptied
    render(chart.name, values)
    assert not list(chart_rules.refused(of_values(chart, values)))
