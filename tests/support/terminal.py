"""The live-agent command line in the test's own process."""

import json
from typing import Any

from click.testing import Result
from typer.testing import CliRunner

from live_agent.cli.commands import cli


class Operator:
    """Somebody at a terminal."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment, self._runner = environment, CliRunner()

    def types(self, *arguments: str, stdin: str = "") -> Result:
        return self._runner.invoke(cli, arguments, input=stdin, env=self._environment)

    def says(self, *arguments: str, stdin: str = "") -> str:
        done = self.types(*arguments, stdin=stdin)
        assert done.exit_code == 0, done.output
        return done.stdout.strip()

    def reads(self, *arguments: str, stdin: str = "") -> Any:
        return json.loads(self.says(*arguments, "--json", stdin=stdin))

    def refused(self, *arguments: str, stdin: str = "") -> str:
        done = self.types(*arguments, stdin=stdin)
        assert done.exit_code == 1, (done.exit_code, done.output)
        return " ".join(done.stderr.split())
