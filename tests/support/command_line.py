"""A command line called in the test's own process: a second quicker than a program's start."""

import contextlib
import io
import json
import logging
import os
from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import patch

import structlog

from support.servers import CommandFailed


class CommandLine:
    """As `support.servers.System`: `run`, `run_json`, and an environment that may be changed."""

    def __init__(self, command: Callable[[list[str]], object], environment: dict[str, str]) -> None:
        self._command = command
        self.environment = environment

    def run(self, *arguments: str, stdin: str = "") -> str:
        """Standard output, or CommandFailed."""
        said, complained = io.StringIO(), io.StringIO()
        code = 0
        with (
            patch.dict(os.environ, self.environment, clear=True),
            patch("sys.stdin", io.StringIO(stdin)),
            contextlib.redirect_stdout(said),
            contextlib.redirect_stderr(complained),
            _own_logging(),
        ):
            try:
                self._command(list(arguments))
            except SystemExit as ended:
                code = int(ended.code or 0)
        if code != 0:
            why = complained.getvalue().strip() or said.getvalue().strip()
            raise CommandFailed(arguments, code, why)
        return said.getvalue()

    def run_json(self, *arguments: str, stdin: str = "") -> Any:
        return json.loads(self.run(*arguments, "--json", stdin=stdin))


@contextlib.contextmanager
def _own_logging() -> Iterator[None]:
    """What the command sets is undone: its standard error is gone afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        structlog.reset_defaults()
