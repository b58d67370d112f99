"""Audit events as other programs read them: JSON lines and CSV. Both hold the same."""

import json

from kernel.audit.rules import Event
from kernel.clock import utc_text
from kernel.spreadsheet import BYTE_ORDER_MARK, csv_line

COLUMNS = (
    "id",
    "at",
    "event",
    "owner",
    "user_id",
    "user_email",
    "actor_kind",
    "actor_id",
    "actor_email",
    "reference",
    "details",
)


class Export:
    """`owner` is what the application calls whose trail it is: `organisation_id`, `account_id`."""

    def __init__(self, owner: str) -> None:
        self._names = tuple(owner if name == "owner" else name for name in COLUMNS)
        self.header = BYTE_ORDER_MARK + csv_line(self._names)

    def as_object(self, event: Event) -> dict[str, object]:
        """One event; times as RFC 3339 in UTC."""
        found = zip(self._names, COLUMNS, strict=True)
        values: dict[str, object] = {name: getattr(event, column) for name, column in found}
        return values | {"at": utc_text(event.at), "details": dict(event.details)}

    def json_line(self, event: Event) -> str:
        return json.dumps(self.as_object(event), ensure_ascii=False) + "\n"

    def csv_row(self, event: Event) -> str:
        values = self.as_object(event)
        values["details"] = json.dumps(values["details"], ensure_ascii=False)
        return csv_line(values[name] for name in self._names)
