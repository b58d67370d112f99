"""What a server process does not load at its start: each of these costs time and memory."""

import subprocess
import sys

import pytest

HEAVY = frozenset(
    [
        "aiosmtplib",
        "alembic",
        "multipart",
        "opentelemetry.sdk",
        "prometheus_client",
        "redis",
        "segno",
        "sqlalchemy.ext.asyncio",
        "sqlalchemy.orm",
        "typer",
        "yaml",
        "zxcvbn",
    ]
)


@pytest.mark.parametrize("package", ["cognigy_ai", "live_agent"])
def test_a_server_does_not_carry_what_only_some_of_its_work_needs(package: str) -> None:
    program = f"import sys, {package}.cli.serve; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert not HEAVY & set(done.stdout.split())
