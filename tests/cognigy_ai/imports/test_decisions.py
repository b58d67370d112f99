"""What becomes of a row: by what it says, whom there is already, and who asks."""

from dataclasses import replace

import pytest

from cognigy_ai.imports.rules import Decision, Line, Person, Reason, decide

ADMIN, MANAGER = ("admin", "base_role"), ("base_role", "userManager")
LINE = Line(2, "ada@acme.example", "Ada Lovelace", ("liveAgentAgent",), "de")
ADA = Person("a" * 24, "Ada Lovelace", "de", ("base_role", "liveAgentAgent"))


def test_an_unknown_address_makes_a_person() -> None:
    made = decide(LINE, None, MANAGER)
    assert made == Decision("created", "Ada Lovelace", "de", ("liveAgentAgent",))
    assert made.detail == "+liveAgentAgent"


def test_without_a_language_it_is_english() -> None:
    assert decide(replace(LINE, locale=""), None, ADMIN).locale == "en"


def test_a_new_person_needs_a_name() -> None:
    assert decide(replace(LINE, name=""), None, ADMIN).reason is Reason.NAME_MISSING


def test_a_person_who_is_so_already_stays_unchanged() -> None:
    assert decide(LINE, ADA, MANAGER) == Decision("unchanged")
    assert decide(replace(LINE, roles=("base_role",)), ADA, MANAGER) == Decision("unchanged")


def test_an_empty_cell_changes_nothing() -> None:
    assert decide(replace(LINE, name="", locale="", roles=()), ADA, ADMIN) == Decision("unchanged")


@pytest.mark.parametrize(
    ("line", "detail"),
    [
        (replace(LINE, name="Ada King"), "name"),
        (replace(LINE, locale="ja"), "locale"),
        (replace(LINE, roles=("userDetailsViewer",)), "+userDetailsViewer"),
        (replace(LINE, name="Ada King", locale="ja", roles=("odata",)), "name locale +odata"),
    ],
)
def test_what_differs_is_changed_and_named(line: Line, detail: str) -> None:
    decision = decide(line, ADA, MANAGER)
    assert (decision.fate, decision.detail) == ("changed", detail)


def test_roles_are_given_and_never_taken() -> None:
    rich = replace(ADA, roles=("userDetailsViewer", "base_role", "liveAgentAgent", "odata"))
    assert decide(LINE, rich, MANAGER) == Decision("unchanged")


def test_a_row_with_a_fault_is_refused_whoever_asks() -> None:
    decision = decide(replace(LINE, fault=Reason.TWICE), ADA, ADMIN)
    assert (decision.fate, decision.detail) == ("refused", "twice")


def test_only_an_administrator_gives_the_role_admin() -> None:
    line = replace(LINE, roles=("admin",))
    for person in (None, ADA):
        assert decide(line, person, MANAGER).reason is Reason.ROLE_NOT_YOURS
        assert decide(line, person, ADMIN).roles == ("admin",)


def test_only_an_administrator_changes_an_administrator() -> None:
    admin = replace(ADA, roles=ADMIN)
    for line in (replace(LINE, name="Eve"), replace(LINE, locale="ja"), LINE):
        assert decide(line, admin, MANAGER).reason is Reason.ADMINISTRATOR
        assert decide(line, admin, ADMIN).fate == "changed"
    assert decide(replace(LINE, roles=("admin",)), admin, MANAGER) == Decision("unchanged")


@pytest.mark.parametrize("by", [(), ("base_role",), ("liveAgentAdmin",), ("fullSupportUser",)])
def test_without_the_permission_nothing_is_done(by: tuple[str, ...]) -> None:
    assert decide(LINE, None, by).reason is Reason.NOT_ALLOWED


def test_every_role_together_fits_into_what_is_stored() -> None:
    from cognigy_ai.roles.rules import ROLES

    line = replace(LINE, name="Ada King", locale="ja", roles=tuple(ROLES))
    bare = replace(ADA, roles=())
    assert len(decide(line, bare, ADMIN).detail) <= 300
