"""`make bench` in its short form: everything it measures works, and every answer was verified."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
SECONDS = 180  # 25 on two processors with nothing else to do
STOP_SECONDS = 30


def test_the_benchmark_runs_and_verifies_every_operation(tmp_path: Path) -> None:
    """No time is judged: the machine that runs the tests has other work."""
    code, said = _run("--quick", "--results", str(tmp_path))
    assert code == 0, said
    results = [json.loads(file.read_text()) for file in sorted(tmp_path.iterdir())]
    assert [result["engine"] for result in results] == ["postgresql", "sqlite"]
    for result in results:
        assert len(result["medians"]) == 20  # ten operations, at two concurrencies
        assert all(median["done"] and not median["failed"] for median in result["medians"])
        assert "replayed code" in result["refused"]
        signed = [m for m in result["measurements"] if m["operation"] in ("sso", "refresh")]
        assert all(measurement["signatures_verified"] for measurement in signed)


def _run(*options: str) -> tuple[int, str]:
    """Its exit code and what it said. A benchmark that takes too long stops its servers itself."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench", *options],
        cwd=ROOT,
        env={key: value for key, value in os.environ.items() if not key.startswith("COVERAGE_")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        said, _ = process.communicate(timeout=SECONDS - STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.terminate()
        said, _ = process.communicate(timeout=STOP_SECONDS)
    return process.returncode, said
