"""`make charts`: what can be said of charts and images without a cluster and without Docker.

Helm's strict lint and rendering (Helm 3 and 4), the schemas of Kubernetes, a policy checker, a
linter of Dockerfiles. Not tried here, since it needs a cluster or Docker: `helm install`, `helm
test`, building and running the images.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT / "tests"))

from support.helm import programs  # noqa: E402 - the tests fetch it

TOOLS = ROOT / ".cache" / "charts" / "bin"
VALUES = ROOT / "tests" / "charts" / "values"
KUBERNETES = ("1.28", "1.37")
# Judgements that do not fit, each with its reason.
NOT_ASKED = {
    "CKV_K8S_11": "no limit of CPU: a throttled process answers late while the node is idle",
    "CKV_K8S_35": "settings are environment variables, secrets among them (ADR 0008)",
    "CKV_K8S_8": "the pod of `helm test` is no server",
    "CKV_K8S_9": "the same",
    "CKV_K8S_43": "existing installations name a tag; production values name a digest",
    "CKV_K8S_15": "the same: with a tag or digest that never moves a pull each time gains nothing",
}


def main() -> int:
    faults: list[str] = []
    for version, program in programs().items():
        print(f"Helm {version}: lint --strict and template", flush=True)
        for chart in ("live-agent", "cognigy-ai"):
            faults += refuses_nothing_given(program, chart)
    with tempfile.TemporaryDirectory() as folder:
        for version, program in programs().items():
            for file in sorted(VALUES.glob("*.yaml")):
                faults += rendered(program, file, Path(folder) / f"{file.stem}-{version}.yaml")
        faults += schemas(Path(folder))
        faults += policies(Path(folder))
    faults += dockerfiles()
    print("Not tried: helm install and helm test (no cluster), building images (no Docker).")
    for fault in faults:
        print(fault, file=sys.stderr)
    print(
        "Everything that can be judged here is right." if not faults else f"{len(faults)} faults."
    )
    return bool(faults)


def refuses_nothing_given(program: Path, chart: str) -> list[str]:
    """Default values must not install, and say what is missing."""
    done = run(program, "template", "x", ROOT / "charts" / chart)
    named = "is missing" in done.stderr and "postgresql.host" in done.stderr
    return [] if done.returncode and named else [f"{chart}: default values were not refused"]


def rendered(program: Path, file: Path, target: Path) -> list[str]:
    chart = ROOT / "charts" / file.stem.rpartition("-")[0]
    given = ("--values", file, "--namespace", "desk")
    lint = run(program, "lint", "--strict", chart, *given)
    done = run(program, "template", "x", chart, *given)
    target.write_text(done.stdout)
    return [f"{file.name}: {step.stdout}{step.stderr}" for step in (lint, done) if step.returncode]


def schemas(folder: Path) -> list[str]:
    faults = []
    for version in KUBERNETES:
        print(f"kubernetes-validate --strict, Kubernetes {version}", flush=True)
        files = sorted(folder.glob("*.yaml"))
        done = run(TOOLS / "kubernetes-validate", "-k", version, "--strict", *files)
        if done.returncode:
            faults.append(done.stdout + done.stderr)
    return faults


def policies(folder: Path) -> list[str]:
    print("checkov", flush=True)
    skip = ",".join(NOT_ASKED)
    words = ("--framework", "kubernetes", "--skip-download", "--compact", "--quiet")
    done = run(TOOLS / "checkov", "--directory", folder, *words, "--skip-check", skip)
    return [done.stdout + done.stderr] if done.returncode else []


def dockerfiles() -> list[str]:
    print("hadolint", flush=True)
    files = sorted((ROOT / "docker").glob("*.Dockerfile"))
    done = run(TOOLS / "hadolint", *files)
    return [done.stdout + done.stderr] if done.returncode or not files else []


def run(program: Path, *words: object) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [program, *map(str, words)], capture_output=True, text=True, check=False, cwd=ROOT
    )


if __name__ == "__main__":
    if not programs():
        sys.exit("Helm could not be had: the charts are NOT judged.")
    sys.exit(main())
