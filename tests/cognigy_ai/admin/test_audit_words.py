"""Every event that the platform records has words of its own on the audit page."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from cognigy_ai.admin import audit_words as words
from cognigy_ai.audit.actions import Event
from cognigy_ai.audit.actor import API_KEY, CLIENT, OPERATOR, SYSTEM, USER

SRC = Path(__file__).parents[3] / "src" / "cognigy_ai"
NAME = re.compile(r"[a-z_]+\.[a-z_]+")
OF_NO_ORGANISATION = {"client", "key"}
NOUNS = OF_NO_ORGANISATION | set(words.GROUPS)


def recorded() -> set[str]:
    """The texts like `noun.verb` of the source: all but names of log lines are events."""
    found: set[str] = set()
    for path in SRC.rglob("*.py"):
        if path.name != "audit_words.py":
            tree = ast.parse(path.read_text())
            logged = {id(part) for call in calls_of_log(tree) for part in ast.walk(call)}
            found |= {
                node.value
                for node in ast.walk(tree)
                if isinstance(node, ast.Constant) and id(node) not in logged
                if isinstance(node.value, str) and NAME.fullmatch(node.value)
            }
    return {name for name in found if name.partition(".")[0] in NOUNS}


def calls_of_log(tree: ast.AST) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        called = node.func if isinstance(node, ast.Call) else None
        of = called.value if isinstance(called, ast.Attribute) else None
        if isinstance(node, ast.Call) and isinstance(of, ast.Name) and of.id == "log":
            yield node


def handed_to_record() -> set[str]:
    """Those that stand in a call of `record` or of what wraps it, whatever their noun."""
    found: set[str] = set()
    for path in SRC.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call):
                continue
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            if name.lstrip("_") == "record":
                for part in ast.walk(node):
                    if isinstance(part, ast.Constant) and NAME.fullmatch(str(part.value)):
                        found.add(str(part.value))
    return found


def test_every_event_has_words_and_every_words_an_event() -> None:
    assert len(handed_to_record()) > 20
    assert handed_to_record() - set(words.EVENTS) == set()
    assert recorded() == set(words.EVENTS)


def test_every_event_of_an_organisation_is_in_a_group() -> None:
    nouns = {event.partition(".")[0] for event in words.EVENTS}
    assert nouns - OF_NO_ORGANISATION == set(words.GROUPS)


def event_by(kind: str, **facts: str) -> Event:
    who = facts.get("id")
    return Event(
        "e", 1, "user.changed", None, "o", None, kind, who, {}, actor_name=facts.get("name")
    )


def test_who_did_it_is_said_for_every_kind() -> None:
    assert words.actor_text(event_by(USER, name="Ada")) == ("{name}", "Ada")
    assert words.actor_text(event_by(USER, id="a")) == (words.GONE, "")
    assert words.actor_text(event_by(API_KEY, id="k", name="CI")) == (words.A_KEY, "CI")
    assert words.actor_text(event_by(API_KEY, id="k")) == (words.A_KEY, "k")
    assert words.actor_text(event_by(CLIENT, id="app")) == (words.AN_APPLICATION, "app")
    assert words.actor_text(event_by(OPERATOR)) == (words.THE_OPERATOR, "")
    assert words.actor_text(event_by(SYSTEM)) == (words.BY_ITSELF, "")


def test_details_are_shown_as_plain_values() -> None:
    details = {"roles": ["admin", "odata"], "invite": True, "off": False, "none": None, "rows": 3}
    event = Event("e", 1, "x.y", "REF", "o", "u", USER, "a", details)
    assert words.detail_lines(event) == [
        ("event", "x.y"), ("roles", "admin, odata"), ("invite", "true"), ("off", "false"),
        ("none", "-"), ("rows", "3"), ("user_id", "u"), ("actor_id", "a"), ("reference", "REF"),
        ("id", "e"),
    ]  # fmt: skip


def test_an_event_without_words_is_named_as_it_is_recorded() -> None:
    assert words.event_text("thing.unheard_of") == "thing.unheard_of"
