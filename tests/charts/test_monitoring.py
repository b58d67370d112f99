"""Alerts and the dashboard ask for numbers that the programs really give."""

import json
import re
from collections.abc import Iterable
from typing import Any

from kernel.metrics import Kind
from support.charts import NAMESPACE, Rendered, render, values_of
from support.declared_metrics import declared_metrics

CHARTS = {"live-agent": "live_agent_", "cognigy-ai": "cognigy_ai_"}
SERIES = re.compile(r"\b((?:server|live_agent|cognigy_ai|process)_[a-z_]+)\{([^}]*)\}")
LABEL = re.compile(r'(\w+)\s*=~?\s*"')
BY = re.compile(r"by \(([^)]*)\)")
# Given by Prometheus itself, or by the library for every process.
GIVEN_LABELS = {"job", "namespace", "pod", "le"}
OF_THE_LIBRARY = {"process_resident_memory_bytes", "process_cpu_seconds_total"}


def alerts(rendered: Rendered) -> list[dict[str, Any]]:
    (group,) = rendered.of("PrometheusRule")["spec"]["groups"]
    return list(group["rules"])


def dashboard(rendered: Rendered) -> dict[str, Any]:
    (text,) = rendered.of("ConfigMap", "-dashboard")["data"].values()
    return dict(json.loads(text))


def queries(rendered: Rendered) -> Iterable[str]:
    yield from (alert["expr"] for alert in alerts(rendered))
    for panel in dashboard(rendered)["panels"]:
        yield from (target["expr"] for target in panel["targets"])


def test_every_number_that_is_asked_for_exists_with_its_labels(production: Rendered, chart: str):
    known = {}
    for metric in declared_metrics():
        known[metric.name] = metric
        if metric.kind is Kind.HISTOGRAM:
            known |= dict.fromkeys((f"{metric.name}_bucket", f"{metric.name}_count"), metric)
    for query in queries(production):
        found = SERIES.findall(query)
        assert found, query
        labels = set()
        for name, selectors in found:
            assert name.startswith(("server_", "process_", CHARTS[chart])), query
            if name in OF_THE_LIBRARY:
                continue
            assert name in known, query
            labels |= set(known[name].labels)
            assert set(LABEL.findall(selectors)) <= labels | GIVEN_LABELS, query
        for group in BY.findall(query):
            assert set(re.split(r",\s*", group)) <= labels | GIVEN_LABELS, query


def test_an_alert_speaks_of_this_release_and_says_what_to_do(production: Rendered, chart: str):
    for alert in alerts(production):
        assert alert["expr"].count(f'job="x-{chart}-app",namespace="{NAMESPACE}"') >= 1
        assert "@" not in alert["expr"]
        assert alert["labels"]["severity"] in ("critical", "warning")
        assert alert["annotations"]["summary"]
        assert len(alert["annotations"]["description"]) > 30


def test_each_declared_number_of_a_login_is_watched(production: Rendered, chart: str):
    asked = " ".join(queries(production))
    for metric in declared_metrics():
        if metric.name.startswith(CHARTS[chart]):
            assert metric.name in asked, f"{metric.name} is on no panel and in no alert"


def test_nothing_of_it_is_installed_unless_asked_for(chart: str):
    plain = render(chart, values_of(f"{chart}-existing"))
    assert not plain.has("ServiceMonitor")
    assert not plain.has("PrometheusRule")
    assert plain.environment().get("PROMETHEUS_ENABLED", "false") == "false"
