"""A chart, rendered: values in, manifests or Helm's refusal out."""

import copy
import json
import re
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from support.helm import programs

ROOT = Path(__file__).parents[2]
VALUES = ROOT / "tests" / "charts" / "values"
NAMESPACE = "desk"

Manifest = dict[str, Any]


class RefusedError(Exception):
    """What Helm said instead of manifests."""


class Rendered:
    """Everything that one `helm template` printed."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.manifests: list[Manifest] = [one for one in yaml.safe_load_all(text) if one]

    def of(self, kind: str, end: str = "") -> Manifest:
        (found,) = [
            one
            for one in self.manifests
            if one["kind"] == kind and one["metadata"]["name"].endswith(end)
        ]
        return found

    def has(self, kind: str) -> bool:
        return any(one["kind"] == kind for one in self.manifests)

    def pods(self) -> list[Manifest]:
        """The pod of the deployment, of the migration and of the test."""
        job, test = self.of("Job")["spec"]["template"]["spec"], self.of("Pod")["spec"]
        return [self.of("Deployment")["spec"]["template"]["spec"], job, test]

    def container(self) -> Manifest:
        (container,) = self.of("Deployment")["spec"]["template"]["spec"]["containers"]
        return dict(container)

    def environment(self) -> dict[str, Any]:
        """What the program gets: text, or (secret, key)."""
        out: dict[str, Any] = dict(self.of("ConfigMap", "-environment")["data"])
        for one in self.container().get("env", []):
            at = one.get("valueFrom", {}).get("secretKeyRef")
            out[one["name"]] = (at["name"], at["key"]) if at else one["value"]
        return out

    def own_secrets(self) -> dict[str, str]:
        if not any(
            one["kind"] == "Secret" and one["metadata"]["name"].endswith("-environment")
            for one in self.manifests
        ):
            return {}
        return dict(self.of("Secret", "-environment")["stringData"])


def values_of(name: str) -> dict[str, Any]:
    """A file of tests/charts/values."""
    values: dict[str, Any] = yaml.safe_load((VALUES / f"{name}.yaml").read_text())
    return values


@cache
def schema_of(chart: str) -> dict[str, Any]:
    """What a chart takes; it refuses any other name."""
    schema: dict[str, Any] = json.loads(
        (ROOT / "charts" / chart / "values.schema.json").read_text()
    )
    return schema


def has_value(chart: str, path: str) -> bool:
    """Is there a value of that name, such as `ingress.hosts[0].host`?"""
    at = schema_of(chart)
    for step in re.findall(r"[^.\[\]]+", path):
        at = at.get("items", {}) if step.isdigit() else at.get("properties", {}).get(step, {})
    return bool(at)


def changed(values: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    """A copy with one value changed; None takes it away."""
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


def render(chart: str, values: dict[str, Any] | None = None, version: str = "4") -> Rendered:
    """`helm template`; raises RefusedError with what it said."""
    return Rendered(helm(version, "template", "x", str(ROOT / "charts" / chart), values=values))


def helm(version: str, *words: str, values: dict[str, Any] | None = None) -> str:
    """Standard output of one helm command; values go through standard input."""
    done = subprocess.run(
        [programs()[version], *words, "--namespace", NAMESPACE, "--values", "-"],
        input=yaml.safe_dump(values or {}),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    if done.returncode:
        raise RefusedError(done.stderr + done.stdout)
    return done.stdout
