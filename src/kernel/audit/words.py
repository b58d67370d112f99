"""Audit events in words: what happened, who did it, to whom."""

from collections.abc import Mapping
from dataclasses import dataclass

from kernel.audit.actor import API_KEY, CLIENT, OPERATOR, PLATFORM, USER
from kernel.audit.rules import Event
from kernel.languages import n_

THE_OPERATOR = n_("Operator")
GONE = n_("a person who was deleted")
A_KEY = n_("API key {name}")
AN_APPLICATION = n_("Application {name}")
THE_PLATFORM = "Cognigy.AI"


@dataclass(frozen=True, slots=True)
class AuditWords:
    """What an application calls its events, to be translated; `itself` is its own name.

    `groups` maps the noun of `noun.verb` to what the filter calls it.
    """

    groups: Mapping[str, str]
    events: Mapping[str, str]
    itself: str

    def event_text(self, event: str) -> str:
        """An event without words of its own is named as it is recorded."""
        return self.events.get(event, event)

    def actor_text(self, event: Event) -> tuple[str, str]:
        """A text to be translated, and the `{name}` in it."""
        known = event.actor_name or ""
        if event.actor_kind == USER:
            return ("{name}", known) if known else (GONE, "")
        if event.actor_kind == API_KEY:
            return A_KEY, known or event.actor_id or ""
        if event.actor_kind == CLIENT:
            return AN_APPLICATION, event.actor_id or ""
        by_itself = {OPERATOR: THE_OPERATOR, PLATFORM: THE_PLATFORM}
        return by_itself.get(event.actor_kind, self.itself), ""


def detail_lines(event: Event) -> list[tuple[str, str]]:
    """The codes and ids of an event, one a line."""
    lines = [(name, _shown(value)) for name, value in event.details.items()]
    if event.user_id:
        lines.append(("user_id", event.user_id))
    if event.actor_id:
        lines.append(("actor_id", event.actor_id))
    if event.reference:
        lines.append(("reference", event.reference))
    return [("event", event.event), *lines, ("id", event.id)]


def _shown(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return "-" if value is None else str(value)
