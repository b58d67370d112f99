"""Giving or taking one role for many people at once: what will happen to each."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cognigy_ai.roles.rules import BASE_ROLE, ROLES, may_change, may_give
from cognigy_ai.users.queries import PAGE

MOST_SELECTED = PAGE  # everybody whom one page of the list shows
GIVE, TAKE = "give", "take"
MARK = "user."  # the check box of a person is called user.<id>: no name stands twice in a form


@dataclass(frozen=True, slots=True)
class Selection:
    """What was chosen in the list."""

    deed: str
    role: str
    user_ids: tuple[str, ...]

    def as_json(self) -> Any:
        return [self.deed, self.role, list(self.user_ids)]


def parse_form(form: Mapping[str, str]) -> Selection | None:
    """From the list's form; None where something is missing that the list always sends."""
    chosen = tuple(name.removeprefix(MARK) for name in form if name.startswith(MARK))
    return _selection(form.get("deed"), form.get("role"), chosen)


def parse_json(value: Any) -> Selection | None:
    """What `as_json` made."""
    match value:
        case [deed, role, [*user_ids]]:
            return _selection(deed, role, tuple(map(str, user_ids)))
    return None


def fate(by: tuple[str, ...], theirs: tuple[str, ...], selection: Selection) -> str:
    """`changes`, or why not: `has_it`, `has_it_not`, `not_allowed`.

    Whether somebody is the last administrator is decided where it is done.
    """
    has = selection.role in theirs
    if has and selection.deed == GIVE:
        return "has_it"
    if not has and selection.deed == TAKE:
        return "has_it_not"
    allowed = may_change(by, theirs) and may_give(by, selection.role)
    return "changes" if allowed else "not_allowed"


def _selection(deed: Any, role: Any, user_ids: tuple[str, ...]) -> Selection | None:
    fits = deed in (GIVE, TAKE) and role in ROLES and role != BASE_ROLE
    return Selection(deed, role, user_ids[:MOST_SELECTED]) if fits else None
