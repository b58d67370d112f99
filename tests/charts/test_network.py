"""Whom the pods reach, and who reaches them."""

from typing import Any

import pytest

from support.charts import Manifest, Rendered, changed, render, values_of

OUT = "https://api.example.com:8443"


def policy(rendered: Rendered, of: str = "") -> Manifest:
    name = rendered.of("Deployment")["metadata"]["name"].removesuffix("-app")
    return rendered.of("NetworkPolicy", f"{name}{of}")


def egress(policy: Manifest) -> set[int]:
    """Ports that are open towards everybody."""
    rules: list[dict[str, Any]] = policy["spec"]["egress"]
    return {port["port"] for rule in rules if "to" not in rule for port in rule["ports"]}


def selects(selector: dict[str, Any], labels: dict[str, str]) -> bool:
    """Kubernetes' own rule for the two forms that are used here."""
    wanted = selector.get("matchLabels", {}).items()
    among = selector.get("matchExpressions", [])
    assert {one["operator"] for one in among} <= {"In"}
    return wanted <= labels.items() and all(labels[one["key"]] in one["values"] for one in among)


def labels_of_pods(rendered: Rendered) -> dict[str, dict[str, str]]:
    found = [
        rendered.of("Deployment")["spec"]["template"],
        rendered.of("Job")["spec"]["template"],
        rendered.of("Pod"),
    ]
    labels: list[dict[str, str]] = [one["metadata"]["labels"] for one in found]
    return {one["app.kubernetes.io/component"]: one for one in labels}


USUAL = {53, 443, 587, 5432, 6379}
REACHED: dict[str, tuple[list[tuple[str, Any]], set[int]]] = {
    "the usual": ([], USUAL),
    "a port of the database": ([("postgresql.port", 6432)], USUAL - {5432} | {6432}),
    "a port of the platform": ([("configmap.COGNIGY_OAUTH_SITE", OUT)], USUAL | {8443}),
    "written addresses": (
        [
            ("redis.host", None),
            ("configmap.REDIS_URL", "rediss://:p%40@valkey.example.com:6380/0"),
            ("configmap.DATABASE_URL", "postgresql://u:p%3A1@one:6432,two:6433/x?sslmode=require"),
        ],
        {53, 443, 587, 6380, 6432, 6433},
    ),
    "written addresses without a port": (
        [
            ("redis.host", None),
            ("configmap.REDIS_URL", "redis://[fd00::5]"),
            ("configmap.DATABASE_URL", "postgresql://u:p@[fd00::4]/x"),
        ],
        USUAL,
    ),
    "addresses in a secret": (
        [
            ("redis", None),
            ("secretEnvironment.REDIS_URL", {"name": "mine", "key": "bus"}),
            ("postgresql", None),
            ("secretEnvironment.DATABASE_URL", {"name": "mine", "key": "url"}),
        ],
        USUAL,
    ),
    "addresses in a secret, and their ports": (
        [
            ("redis", {"port": 6380}),
            ("secretEnvironment.REDIS_URL", {"name": "mine", "key": "bus"}),
            ("postgresql", {"port": 6432}),
            ("secretEnvironment.DATABASE_URL", {"name": "mine", "key": "url"}),
        ],
        {53, 443, 587, 6380, 6432},
    ),
    "no bus and no mail": ([("redis", None), ("configmap.SMTP_ADDRESS", None)], {53, 443, 5432}),
}


@pytest.mark.parametrize("what", REACHED)
def test_pods_reach_what_their_settings_name_and_nothing_else(what: str):
    changes, ports = REACHED[what]
    values = values_of("live-agent-production")
    for path, value in changes:
        values = changed(values, path, value)
    rendered = render("live-agent", values)
    assert egress(policy(rendered)) == ports
    assert egress(policy(rendered, "-migration")) == ports


def test_the_test_reaches_a_server_and_a_server_lets_it_in(production: Rendered):
    pods, spec = labels_of_pods(production), policy(production)["spec"]
    assert selects(spec["podSelector"], pods["test"])
    (rule,) = [rule for rule in spec["egress"] if "to" in rule]
    (at,) = rule["to"]
    assert selects(at["podSelector"], pods["app"])
    assert rule["ports"] == [{"protocol": "TCP", "port": int(production.environment()["PORT"])}]
    let_in = [one for rule in spec["ingress"][:1] for one in rule.get("from", [])]
    own = [one["podSelector"] for one in let_in if "podSelector" in one]
    assert not let_in or [one for one in own if selects(one, pods["test"])]


def test_the_migration_has_a_policy_of_its_own_that_is_there_before_it(production: Rendered):
    """The one of the servers is the previous release's until the job has ended."""
    pods = labels_of_pods(production)
    servers, own = policy(production), policy(production, "-migration")
    assert [selects(servers["spec"]["podSelector"], pods[one]) for one in pods] == [
        one != "migration" for one in pods
    ]
    assert [one for one in pods if selects(own["spec"]["podSelector"], pods[one])] == ["migration"]
    job, annotations = production.of("Job"), own["metadata"]["annotations"]
    hook = "helm.sh/hook"
    assert annotations[hook] == job["metadata"]["annotations"][hook]
    weight = "helm.sh/hook-weight"
    assert int(annotations[weight]) < int(job["metadata"]["annotations"][weight])
    assert own["spec"]["policyTypes"] == ["Ingress", "Egress"]
    assert "ingress" not in own["spec"]


def test_more_can_be_opened(chart: str):
    more = {"to": [{"ipBlock": {"cidr": "10.9.0.0/16"}}], "ports": [{"port": 9999}]}
    values = changed(values_of(f"{chart}-production"), "networkPolicy.extraEgress", [more])
    rendered = render(chart, values)
    for one in ("", "-migration"):
        assert more in policy(rendered, one)["spec"]["egress"]


def test_without_policies_there_is_none(chart: str):
    values = changed(values_of(f"{chart}-production"), "networkPolicy.enabled", value=False)
    assert not render(chart, values).has("NetworkPolicy")
