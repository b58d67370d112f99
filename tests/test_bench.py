"""`make bench` in its short form: everything it measures works, and every answer was verified."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SECONDS = 60


@pytest.mark.seconds(SECONDS)
def test_the_benchmark_runs_and_verifies_every_operation(tmp_path: Path) -> None:
    """No time is judged: the machine that runs the tests has other work."""
    unmeasured = {k: v for k, v in os.environ.items() if not k.startswith("COVERAGE_")}
    done = subprocess.run(
        [sys.executable, "-m", "bench", "--quick", "--results", tmp_path],
        cwd=ROOT,
        env=unmeasured,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    results = [json.loads(file.read_text()) for file in sorted(tmp_path.iterdir())]
    assert [result["engine"] for result in results] == ["postgresql", "sqlite"]
    for result in results:
        assert len(result["medians"]) == 20  # ten operations, at two concurrencies
        assert all(median["done"] and not median["failed"] for median in result["medians"])
        assert "replayed code" in result["refused"]
        signed = [m for m in result["measurements"] if m["operation"] in ("sso", "refresh")]
        assert all(measurement["signatures_verified"] for measurement in signed)
