"""E-mail addresses: what counts as one, and when two are the same."""

import re
import string
import unicodedata

LONGEST = 254  # RFC 5321 section 4.5.3.1.3, as corrected by erratum 1690
LONGEST_LOCAL = 64
_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_DOMAIN = re.compile(r"(?!-)[^\s@\"(),:;<>\[\]\\.]+(?:\.[^\s@\"(),:;<>\[\]\\.]+)*")
_LOCAL = re.compile(r"[^\s@\"(),:;<>\[\]\\.]+(?:\.[^\s@\"(),:;<>\[\]\\.]+)*")


def email_key(address: str) -> str:
    """What addresses are compared by: trimmed, NFC, ASCII letters in lower case.

    Only ASCII: databases and languages disagree about the rest (`İ`, `ß`), and an address that
    merely looks the same must not become another person's.
    """
    return unicodedata.normalize("NFC", address.strip()).translate(_LOWER)


def is_address(text: str) -> bool:
    """`local@domain`, one mailbox and nothing else: no name, no comment, no list (RFC 5321)."""
    local, at, domain = text.rpartition("@")
    return (
        bool(at)
        and len(text) <= LONGEST
        and len(local) <= LONGEST_LOCAL
        and text.isprintable()
        and _LOCAL.fullmatch(local) is not None
        and _DOMAIN.fullmatch(domain) is not None
    )
