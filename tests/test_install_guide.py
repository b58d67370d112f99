"""docs/how-to/install-with-helm.md leads to an installation: its commands, carried out."""

import os
import re
import subprocess
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
import yaml

from live_agent.helm.places import CHARTS, Chart
from live_agent.helm.values import text_at

ROOT = Path(__file__).parents[1]
GUIDE = ROOT / "docs" / "how-to" / "install-with-helm.md"
KUBECTL = """\
#!/bin/bash
printf '%s\\t' "$@" >> "$SAID"
echo >> "$SAID"
"""
OPENSSL = """\
#!/bin/bash
head -c "${@: -1}" /dev/urandom | od -An -tx1 | tr -d ' \\n'
"""
# namespace → secret → its keys
Cluster = dict[str, dict[str, set[str]]]


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> list[list[str]]:
    """The words of each kubectl that the guide's commands run."""
    folder = tmp_path_factory.mktemp("guide")
    for name, text in (("kubectl", KUBECTL), ("openssl", OPENSSL)):
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    blocks = re.findall(r"```\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    commands = "\n".join(block for block in blocks if "kubectl create" in block)
    out = folder / "said"
    subprocess.run(
        ["bash", "-eu", "-c", commands],
        env={"PATH": f"{folder}:{os.environ['PATH']}", "SAID": str(out)},
        input="a password\n" * 6,
        text=True,
        check=True,
        timeout=30,
    )
    return [line.rstrip("\t").split("\t") for line in out.read_text().splitlines()]


@pytest.fixture(scope="module")
def cluster(said: list[list[str]]) -> Cluster:
    made: Cluster = {}
    for _, kind, *words in said:
        if kind == "namespace":
            made[words[0]] = defaultdict(set)
            continue
        name, namespace = words[1], words[words.index("--namespace") + 1]
        keys = {word.split("=")[1] for word in words if word.startswith("--from-")}
        made[namespace][name] |= keys or {"tls.crt", "tls.key"}
    return made


def named(chart: Chart, values: dict[str, Any]) -> list[tuple[str, str]]:
    """Each secret that the values name, with its key."""
    places = [(one.name, one.key, one.default_key) for s in chart.secrets for one in s.existing]
    places += [
        ("redis.auth.existingSecret", "redis.auth.existingSecretPasswordKey", "redis-password"),
        ("restClient.ssl.CASecret", "restClient.ssl.CASecretKey", "ca.crt"),
    ]
    found = [
        (text_at(values, name), text_at(values, key) or default)
        for name, key, default in places
        if text_at(values, key) or default
    ]
    found += [(one["secretName"], "tls.crt") for one in values["ingress"]["tls"]]
    return [(name, key) for name, key in found if name]


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.name)
def test_the_guide_makes_every_secret_that_the_example_names(chart: Chart, cluster: Cluster):
    file = ROOT / "tests" / "charts" / "values" / f"{chart.name}-production.yaml"
    secrets = named(chart, yaml.safe_load(file.read_text()))
    assert len(secrets) == 8
    for name, key in secrets:
        assert key in cluster[chart.name].get(name, ()), f"{name} has no {key}"


def test_both_systems_get_the_same_pair_and_keys_of_their_own(said: list[list[str]]):
    def given(key: str) -> list[str]:
        start = f"--from-literal={key}="
        return [word.removeprefix(start) for words in said for word in words if start in word]

    for shared in ("client-secret", "platform-token"):
        one, other = given(shared)
        assert one == other
        assert len(one) == 64
    one, other = given("cookies-integrity-key")
    assert one != other
    assert given("client-secret") != given("platform-token")


def test_helm_waits_longer_than_the_migration_may_take():
    text = GUIDE.read_text()
    for chart in CHARTS:
        values = yaml.safe_load((ROOT / "charts" / chart.name / "values.yaml").read_text())
        (minutes,) = re.findall(rf"helm upgrade --install {chart.name} .*--timeout (\d+)m", text)
        assert int(minutes) * 60 > values["migration"]["activeDeadlineSeconds"]
