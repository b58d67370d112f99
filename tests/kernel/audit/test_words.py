"""What audit events say to people, whatever the application."""

from kernel.audit import words
from kernel.audit.actor import API_KEY, CLIENT, OPERATOR, PLATFORM, SYSTEM, USER
from kernel.audit.rules import Event
from kernel.audit.words import AuditWords

WORDS = AuditWords({}, {"user.changed": "Changed"}, "The product")


def event_by(kind: str, **facts: str) -> Event:
    who = facts.get("id")
    return Event(
        "e", 1, "user.changed", None, "o", None, kind, who, {}, actor_name=facts.get("name")
    )


def test_who_did_it_is_said_for_every_kind() -> None:
    assert WORDS.actor_text(event_by(USER, name="Ada")) == ("{name}", "Ada")
    assert WORDS.actor_text(event_by(USER, id="a")) == (words.GONE, "")
    assert WORDS.actor_text(event_by(API_KEY, id="k", name="CI")) == (words.A_KEY, "CI")
    assert WORDS.actor_text(event_by(API_KEY, id="k")) == (words.A_KEY, "k")
    assert WORDS.actor_text(event_by(CLIENT, id="app")) == (words.AN_APPLICATION, "app")
    assert WORDS.actor_text(event_by(OPERATOR)) == (words.THE_OPERATOR, "")
    assert WORDS.actor_text(event_by(PLATFORM)) == ("Cognigy.AI", "")
    assert WORDS.actor_text(event_by(SYSTEM)) == ("The product", "")


def test_details_are_shown_as_plain_values() -> None:
    details = {"roles": ["admin", "odata"], "invite": True, "off": False, "none": None, "rows": 3}
    event = Event("e", 1, "x.y", "REF", "o", "u", USER, "a", details)
    assert words.detail_lines(event) == [
        ("event", "x.y"), ("roles", "admin, odata"), ("invite", "true"), ("off", "false"),
        ("none", "-"), ("rows", "3"), ("user_id", "u"), ("actor_id", "a"), ("reference", "REF"),
        ("id", "e"),
    ]  # fmt: skip


def test_an_event_without_words_is_named_as_it_is_recorded() -> None:
    assert WORDS.event_text("thing.unheard_of") == "thing.unheard_of"
