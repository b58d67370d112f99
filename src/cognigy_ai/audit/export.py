"""Audit events as other programs read them: JSON lines and CSV. Both hold the same."""

import json

from cognigy_ai.audit.rules import Event
from kernel.clock import utc_text
from kernel.spreadsheet import BYTE_ORDER_MARK, csv_line

COLUMNS = (
    "id",
    "at",
    "event",
    "organisation_id",
    "user_id",
    "user_email",
    "actor_kind",
    "actor_id",
    "actor_email",
    "reference",
    "details",
)
HEADER = BYTE_ORDER_MARK + csv_line(COLUMNS)


def as_object(event: Event) -> dict[str, object]:
    """One event; times as RFC 3339 in UTC."""
    values: dict[str, object] = {name: getattr(event, name) for name in COLUMNS}
    return values | {"at": utc_text(event.at), "details": dict(event.details)}


def json_line(event: Event) -> str:
    return json.dumps(as_object(event), ensure_ascii=False) + "\n"


def csv_row(event: Event) -> str:
    values = as_object(event)
    values["details"] = json.dumps(values["details"], ensure_ascii=False)
    return csv_line(values[name] for name in COLUMNS)
