"""How the programs run in the cluster."""

import pytest

from support.charts import NAMESPACE, Rendered, changed, render, values_of


def test_pods_have_no_more_rights_than_they_need(production: Rendered):
    for pod in production.pods():
        assert pod["automountServiceAccountToken"] is False
        assert pod["enableServiceLinks"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        (container,) = pod["containers"]
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert container["securityContext"]["allowPrivilegeEscalation"] is False
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        assert container["resources"]["requests"]
        assert container["resources"]["limits"]["memory"]


def test_probes_ask_addresses_that_exist(production: Rendered, chart: str):
    import cognigy_ai.routes
    import live_agent.routes

    routes = {"live-agent": live_agent.routes, "cognigy-ai": cognigy_ai.routes}[chart].ROUTES
    known = {getattr(route, "path", "") for route in routes}
    for name in ("startup", "liveness", "readiness"):
        probe = production.container()[f"{name}Probe"]["httpGet"]
        assert probe["path"] == f"/health/{name}"
        assert probe["path"] in known


def test_the_ports_are_those_of_the_program(production: Rendered):
    environment = production.environment()
    ports = {one["name"]: one["containerPort"] for one in production.container()["ports"]}
    assert ports["http"] == int(environment["PORT"])
    assert ports["metrics"] == int(environment["PROMETHEUS_EXPORTER_PORT"])
    targets = [one["targetPort"] for one in production.of("Service")["spec"]["ports"]]
    assert targets == ["http", "metrics"]


def test_tables_are_brought_up_to_date_before_new_replicas_start(production: Rendered):
    job = production.of("Job")
    assert job["metadata"]["annotations"]["helm.sh/hook"] == "pre-install,pre-upgrade"
    (container,) = job["spec"]["template"]["spec"]["containers"]
    assert container["args"] == ["database", "upgrade"]
    source = container["envFrom"][0]["configMapRef"]["name"]
    copy = production.of("ConfigMap", source)
    assert copy["metadata"]["annotations"]["helm.sh/hook"] == "pre-install,pre-upgrade"
    weights = [one["metadata"]["annotations"]["helm.sh/hook-weight"] for one in (copy, job)]
    assert int(weights[0]) < int(weights[1])
    assert copy["data"] == production.of("ConfigMap", "-environment")["data"]


def test_helm_test_runs_the_doctor():
    rendered = render("live-agent", values_of("live-agent-production"))
    pod = rendered.of("Pod")
    assert pod["metadata"]["annotations"]["helm.sh/hook"] == "test"
    assert pod["spec"]["containers"][0]["args"] == ["doctor"]


def annotations(rendered: Rendered) -> dict[str, str]:
    return dict(rendered.of("Deployment")["spec"]["template"]["metadata"]["annotations"])


@pytest.mark.parametrize(
    ("path", "value", "which"),
    [
        ("configmap.LOG_LEVEL", "debug", "checksum/configmap"),
        ("cookiesIntegrity.secret", "kY7w2Qm9Zx4Tc8Rb" * 5, "checksum/secrets"),
        ("cookiesIntegrity.existingSecret", "another", "checksum/secrets"),
    ],
)
def test_a_changed_value_rolls_the_pods(path: str, value: str, which: str):
    base = values_of("live-agent-production")
    if path.endswith(".secret"):
        base = changed(base, "cookiesIntegrity.existingSecret", None)
        base = changed(base, path, "aB3dE5fG7hJ9kL1m" * 5)
    before = annotations(render("live-agent", base))
    after = annotations(render("live-agent", changed(base, path, value)))
    assert {key for key in before if before[key] != after[key]} == {which}


def test_replicas_are_spread_and_never_all_away(production: Rendered):
    deployment = production.of("Deployment")["spec"]
    assert "replicas" not in deployment  # the autoscaler's
    assert deployment["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    spread = deployment["template"]["spec"]["topologySpreadConstraints"]
    assert {one["topologyKey"] for one in spread} >= {"kubernetes.io/hostname"}
    assert production.of("PodDisruptionBudget")["spec"]["maxUnavailable"] == 1
    scaler = production.of("HorizontalPodAutoscaler")["spec"]
    assert (scaler["minReplicas"], scaler["maxReplicas"]) == (2, 10)
    assert scaler["scaleTargetRef"]["name"] == production.of("Deployment")["metadata"]["name"]


def test_without_an_autoscaler_there_are_two_replicas(chart: str):
    values = changed(values_of(f"{chart}-production"), "hpa.enabled", value=False)
    rendered = render(chart, values)
    assert rendered.of("Deployment")["spec"]["replicas"] == 2
    assert not rendered.has("HorizontalPodAutoscaler")


def test_selectors_find_the_pods_of_the_deployment_and_no_others(production: Rendered):
    labels = production.of("Deployment")["spec"]["template"]["metadata"]["labels"]
    selectors = [
        production.of("Service")["spec"]["selector"],
        production.of("PodDisruptionBudget")["spec"]["selector"]["matchLabels"],
        production.of("ServiceMonitor")["spec"]["selector"]["matchLabels"],
    ]
    service = production.of("Service")["metadata"]["labels"]
    for selector in selectors[:2]:
        assert selector.items() <= labels.items()
    assert selectors[2].items() <= service.items()
    job = production.of("Job")["spec"]["template"]["metadata"]["labels"]
    assert not selectors[0].items() <= job.items()


def test_the_ingress_has_the_hosts_of_the_public_addresses():
    rules = render("cognigy-ai", values_of("cognigy-ai-production")).of("Ingress")["spec"]["rules"]
    assert [rule["host"] for rule in rules] == ["cognigy.example.com", "api.example.com"]


def test_everything_lies_in_the_release_s_namespace(production: Rendered):
    assert {one["metadata"]["namespace"] for one in production.manifests} == {NAMESPACE}


def test_a_server_with_tls_of_its_own_is_probed_with_tls(chart: str):
    rendered = render(
        chart, changed(values_of(f"{chart}-production"), "tls.existingSecret", "pair")
    )
    assert rendered.container()["livenessProbe"]["httpGet"]["scheme"] == "HTTPS"
    assert rendered.environment()["TLS_CERT_FILE"] == "/etc/ssl/served/tls.crt"
    assert rendered.of("Service")["spec"]["ports"][0]["appProtocol"] == "https"
    mounts = {one["mountPath"] for one in rendered.container()["volumeMounts"]}
    assert mounts >= {"/etc/ssl/served", "/etc/ssl/authority", "/tmp"}


def test_the_migration_follows_values_that_the_chart_has_no_opinion_on(chart: str):
    values = changed(values_of(f"{chart}-production"), "tolerations", [{"key": "own"}])
    for pod in render(chart, values).pods():
        assert pod["tolerations"] == [{"key": "own"}]


def test_labels_and_annotations_reach_every_pod_and_those_that_end_may_differ(chart: str):
    """A sidecar would keep the migration and the test from ending."""
    values = values_of(f"{chart}-production")
    values["podAnnotations"] = {"example.com/inject": "true", "example.com/team": "desk"}
    values["podLabels"] = {"team": "desk"}
    values["migration"] = {
        "podAnnotations": {"example.com/inject": "false"},
        "podLabels": {"job": "yes"},
    }
    rendered = render(chart, values)
    server = rendered.of("Deployment")["spec"]["template"]["metadata"]
    assert values["podAnnotations"].items() <= server["annotations"].items()
    assert "job" not in server["labels"]
    job, test = rendered.of("Job")["spec"]["template"], rendered.of("Pod")
    for metadata in (job["metadata"], test["metadata"]):
        assert metadata["labels"].items() >= {"team": "desk", "job": "yes"}.items()
        assert metadata["annotations"]["example.com/inject"] == "false"
        assert metadata["annotations"]["example.com/team"] == "desk"
    assert test["metadata"]["annotations"]["helm.sh/hook"] == "test"


def test_a_pod_that_ends_has_time_for_the_program_s_own_drain(chart: str):
    """The program takes new connections after SIGTERM, so nothing has to pause before it."""
    environment = {"live-agent": "configmap", "cognigy-ai": "cognigyEnv"}[chart]
    for seconds, grace in ((None, 40), (30, 65)):
        key = f"{environment}.SHUTDOWN_DRAIN_SECONDS"
        rendered = render(chart, changed(values_of(f"{chart}-production"), key, seconds))
        assert rendered.pods()[0]["terminationGracePeriodSeconds"] == grace
        assert "lifecycle" not in rendered.container()
