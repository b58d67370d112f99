"""`live-agent doctor`: which value, on which side, is wrong."""

from pathlib import Path
from typing import Annotated

import typer

from kernel import cli
from kernel.clock import SystemClock
from kernel.log import configure
from kernel.settings import SettingsError, load
from live_agent.cli.findings import end_with, read_environment
from live_agent.doctor import actions as doctor
from live_agent.settings import Settings

Json = Annotated[bool, typer.Option("--json", help="For programs.")]
EnvironmentFile = Annotated[
    Path | None,
    typer.Option(
        "--env",
        metavar="FILE",
        help="Judge the environment in this file (KEY=VALUE lines, all of it) instead of the "
        "present one, before it is rolled out.",
    ),
]


def examine(json: Json = False, env: EnvironmentFile = None) -> None:
    """Ask both systems and compare their values pair by pair.

    Exit code 0: nothing is wrong; 1: something is; 2: nothing was found wrong, but not everything
    was reached.
    """
    environment = None if env is None else read_environment(env)
    configure("critical")
    try:
        settings = load(Settings, environment)
    except SettingsError as error:
        found = [doctor.refused_setting(one.key, one.fault, one.fix) for one in error.faults]
    else:
        found = cli.run(doctor.examine(settings, SystemClock()))
    end_with(found, as_json=json)
