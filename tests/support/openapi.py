"""schemathesis asks an API everything that its OpenAPI document allows, and much that it does not.

The application runs in schemathesis' own event loop, so its database is opened there.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import schemathesis
from schemathesis.engine import from_schema
from schemathesis.engine.events import FatalError, NonFatalError, ScenarioFinished
from schemathesis.python.asgi import shutdown_lifespans
from starlette.types import ASGIApp

from kernel.serve import Late

SEED = 20_260_101


@contextmanager
def in_process(make: Callable[[], Awaitable[ASGIApp]]) -> Iterator[ASGIApp]:
    """An application for `faults_of`; it is closed afterwards."""
    yield Late(make)
    shutdown_lifespans()


def faults_of(
    app: ASGIApp, headers: dict[str, str], *, base_url: str, examples: int = 12, **config: Any
) -> tuple[list[str], Counter[int]]:
    """What schemathesis finds wrong, each with a command to repeat it; and the statuses it got.

    `config` is schemathesis' own, such as `parameters={"path.user_id": ...}`.
    """
    settings = {
        "seed": SEED,
        "base-url": base_url,
        "headers": headers,
        "cache": {"enabled": False},
        "generation": {
            "deterministic": True,
            "database": "none",
            "max-examples": examples,
            "no-shrink": True,
        },
        "phases": {"stateful": {"enabled": False}},
        "continue-on-failure": True,
    }
    schema = schemathesis.openapi.from_asgi(
        "/openapi.json",
        app,
        config=schemathesis.Config.from_dict(settings | config),
        headers={"host": base_url.partition("://")[2]},
    )
    found: list[str] = []
    statuses: Counter[int] = Counter()
    for event in from_schema(schema).execute():
        if isinstance(event, NonFatalError | FatalError):
            found.append(str(getattr(event, "info", event)))
        if isinstance(event, ScenarioFinished):
            answers = (one.response for one in event.recorder.interactions.values())
            statuses.update(answer.status_code for answer in answers if answer is not None)
            found += _failures(event)
    return found, statuses


def _failures(event: ScenarioFinished) -> Iterator[str]:
    for case, checks in event.recorder.checks.items():
        for check in checks:
            if check.failure_info is not None:
                failure = check.failure_info
                said = failure.failure
                yield f"{event.label}: {said.title}: {said.message}\n{failure.code_sample} [{case}]"
