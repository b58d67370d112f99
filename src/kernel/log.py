"""Logs are events with fields, one JSON object a line, and never hold a secret."""

import logging
import re
import sys
from typing import Any, cast

import structlog

SECRET_FIELDS = frozenset(
    [
        "access_token",
        "api_access_token",
        "authorization",
        "client_secret",
        "code",
        "code_verifier",
        "cookie",
        "csrf",
        "csrf_token",
        "id_token",
        "id_token_hint",
        "password",
        "refresh_token",
        "secret",
        "set_cookie",
        "state",
        "token",
    ]
)
HIDDEN = "[hidden]"
# Codes, states and e-mail addresses travel in query strings: `?name=value...` up to a blank.
QUERY = re.compile(r"\?[\w.~%-]+=(?:\\u[0-9a-f]{4}|[^\s\\\"'<>)\]\x1b])*")


def hide_secrets(_logger: Any, _name: str, event: dict[str, Any]) -> dict[str, Any]:
    """The last line of defence: a field with a secret's name never reaches the output."""
    for field in event.keys() & SECRET_FIELDS:
        event[field] = HIDDEN
    return event


def hide_queries(_logger: Any, _name: str, line: str) -> str:
    """No query string reaches the output, also not in a library's message or a traceback."""
    return QUERY.sub("?" + HIDDEN, line) if "?" in line else line


def configure(level: str = "info", *, readable: bool = False) -> None:
    """Send our events and those of the libraries to standard error."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        hide_secrets,
        structlog.processors.StackInfoRenderer(),
    ]
    if readable:
        # Plain tracebacks: the renderer's own show the values of local variables.
        console = structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
        render: list[Any] = [console, hide_queries]
    else:
        render = [
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
            hide_queries,
        ]
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[*shared, *render],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *render],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    # Libraries speak at WARNING: at DEBUG some of them print addresses with query strings.
    root.setLevel(max(number, logging.WARNING))


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """A logger whose calls are `log.info("noun.verb", field=value)`."""
    return cast("structlog.stdlib.BoundLogger", structlog.get_logger(logger_name=name))
