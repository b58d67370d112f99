"""When two e-mail addresses are the same, and what is one."""

import pytest

from kernel.emails import email_key, is_address


@pytest.mark.parametrize("typed", ["ada@acme.example", " Ada@ACME.example ", "ADA@ACME.EXAMPLE\n"])
def test_blanks_and_ascii_case_do_not_matter(typed: str) -> None:
    assert email_key(typed) == "ada@acme.example"


def test_no_character_beyond_ascii_becomes_an_ascii_one() -> None:
    """NFC does that to the Kelvin sign and two others."""
    beyond = [chr(code) for code in range(0x80, 0x30000) if not 0xD800 <= code <= 0xDFFF]
    assert [one for one in beyond if email_key(f"a{one}b").isascii()] == []


def test_composed_and_decomposed_letters_are_the_same() -> None:
    assert email_key("zoe\u0308@acme.example") == email_key("zo\u00eb@acme.example")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("\u0130da@acme.example", "ida@acme.example"),  # dotted capital I
        ("ada@acme.example", "\u0430da@acme.example"),  # Cyrillic a
        ("stra\u00dfe@acme.example", "strasse@acme.example"),
        ("\uff41da@acme.example", "ada@acme.example"),  # full-width a
        ("\u00c9va@acme.example", "\u00e9va@acme.example"),  # only ASCII is lowered
        ("ada+desk@acme.example", "ada@acme.example"),
    ],
)
def test_what_merely_looks_the_same_is_somebody_else(one: str, other: str) -> None:
    """Lessons 9, 22."""
    assert email_key(one) != email_key(other)


@pytest.mark.parametrize(
    "text",
    [
        "ada@acme.example",
        "ada.lovelace+desk@mail.acme.example",
        "o'hara@acme.example",
        "zo\u00eb@acme.example",
        "ada@localhost",
        "a" * 64 + "@acme.example",
    ],
)
def test_addresses(text: str) -> None:
    assert is_address(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ada",
        "@acme.example",
        "ada@",
        "ada@acme..example",
        ".ada@acme.example",
        "ada.@acme.example",
        "ada lovelace@acme.example",
        "Ada <ada@acme.example>",
        "ada@acme.example,eve@acme.example",
        "ada@acme.example;eve@acme.example",
        "ada@evil.example@acme.example",
        "ada@acme.example\nbcc: eve@acme.example",
        '"ada"@acme.example',
        "ada@[127.0.0.1]",
        "ada@-acme.example",
        "ada\u200b@acme.example",
        "a" * 65 + "@acme.example",
        "ada@" + "a" * 250 + ".example",
    ],
)
def test_what_is_not_one_address(text: str) -> None:
    assert not is_address(text)
