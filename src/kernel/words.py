"""What a list of people sorts by, and what its search finds them by: the same on every engine.

Databases disagree about case, accents and order; so both keys are made here, stored, and compared
byte by byte.
"""

import unicodedata

LONGEST_KEY = 400
LONGEST_WORD = 100
MOST_WORDS = 24
PAST_EVERY_LETTER = "\U0010ffff"


def sort_key(name: str) -> str:
    """`Älmeier, Ada` sorts beside `almeier, ada`: no case, no accents."""
    return _plain(name)[:LONGEST_KEY]


def search_words(*texts: str) -> frozenset[str]:
    """The words of names and addresses; an address is found whole and by each of its parts."""
    found: list[str] = []
    for text in texts:
        plain = _plain(text)
        found += plain.split()
        found += "".join(c if c.isalnum() else " " for c in plain).split()
    return frozenset(word[:LONGEST_WORD] for word in found[:MOST_WORDS])


def asked_words(query: str) -> tuple[str, ...]:
    """What somebody typed into a search field: everything has to be the beginning of some word."""
    words = dict.fromkeys(word[:LONGEST_WORD] for word in _plain(query).split())
    return tuple(words)[:5]


def keys_of(name: str, email: str) -> dict[str, str]:
    """The columns of somebody who is found by a row of their own, not by a table of words.

    `name_key` sorts, `found_by` holds the words (each after a space), and `keyed_as` says what both
    were made of.
    """
    words = sorted(search_words(name, email))
    return {
        "name_key": sort_key(name),
        "found_by": "".join(f" {word}" for word in words),
        "keyed_as": f"{name} {email}",
    }


def like_beginning(word: str) -> str:
    """The LIKE pattern (escape `~`) that finds it in `found_by`."""
    bare = word.replace("~", "~~").replace("%", "~%").replace("_", "~_")
    return f"% {bare}%"


def end_of_beginning(word: str) -> str:
    """Every text that begins with `word` is at least `word` and less than this."""
    return word + PAST_EVERY_LETTER


def _plain(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text).casefold()
    bare = "".join(c for c in apart if not unicodedata.combining(c))
    return " ".join(unicodedata.normalize("NFC", bare).replace("\0", " ").split())
