"""Every alert of the charts has its page, asks for metrics that there are, and labels they have."""

import re
from pathlib import Path

import pytest
import yaml

from test_docs import generator

ROOT = Path(__file__).parents[1]
PAGES = ROOT / "docs" / "how-to" / "alerts"
RULES = sorted(ROOT.glob("charts/*/files/alerts.yaml"))
METRIC = re.compile(r"\b((?:server|live_agent|cognigy_ai)_[a-z_]+)(?:\{([^}]*)\})?")
OF_PROMETHEUS = {"job", "namespace", "pod", "instance", "le"}


def alerts() -> dict[str, str]:
    """Name and expression."""
    groups = [group for file in RULES for group in yaml.safe_load(file.read_text())["groups"]]
    return {rule["alert"]: rule["expr"] for group in groups for rule in group["rules"]}


def named_on_pages() -> dict[str, str]:
    """Each alert that a page's heading names, and the page."""
    headings = {page: page.read_text().splitlines()[0] for page in PAGES.glob("*.md")}
    return {
        name: page.name
        for page, heading in headings.items()
        for name in heading.removeprefix("# ").split(", ")
    }


@pytest.mark.skipif(not RULES, reason="there are no charts yet")
def test_alerts_and_pages_are_the_same():
    assert set(alerts()) == set(named_on_pages())


def test_alerts_ask_for_metrics_and_labels_that_are_declared():
    measures = generator().metrics_page.__globals__
    known = {
        m.name: m for package, _ in measures["PACKAGES"] for m in measures["declared"](package)
    }
    for alert, expression in alerts().items():
        asked = METRIC.findall(expression)
        assert asked, alert
        for name, labels in asked:
            metric = known.get(re.sub(r"_(bucket|count|sum)$", "", name))
            assert metric is not None, f"{alert}: {name}"
            used = set(re.findall(r"(\w+)=", labels)) - OF_PROMETHEUS
            assert used <= set(metric.labels), f"{alert}: {name} {used}"
