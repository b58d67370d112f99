"""E-mail addresses: what counts as one, and when two are the same."""

import re
import string
import unicodedata

LONGEST = 254  # RFC 5321 section 4.5.3.1.3, as corrected by erratum 1690
LONGEST_LOCAL = 64
# What NFC turns into ASCII: the Greek question mark, the varia and the Kelvin sign.
_DOUBLES = frozenset("\u037e\u1fef\u212a")
_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_DOMAIN = re.compile(r"(?!-)[^\s@\"(),:;<>\[\]\\.]+(?:\.[^\s@\"(),:;<>\[\]\\.]+)*")
_LOCAL = re.compile(r"[^\s@\"(),:;<>\[\]\\.]+(?:\.[^\s@\"(),:;<>\[\]\\.]+)*")


def email_key(address: str) -> str:
    """What addresses are compared by: trimmed, NFC, ASCII letters in lower case.

    Only ASCII: databases and languages disagree about the rest (`İ`, `ß`), and an address that
    merely looks the same must not become another person's. So characters that NFC turns into
    ASCII stay as they are.
    """
    typed = address.strip()
    key = typed if _DOUBLES & set(typed) else unicodedata.normalize("NFC", typed)
    return key.translate(_LOWER)


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
