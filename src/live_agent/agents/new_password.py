"""Is a new old-login password good enough? Every page and command that sets one asks here.

The rule of the old product (an upper-case letter, a digit, a special character), and what OWASP
ASVS 6.2 asks: length, not easily guessed, nothing about the person.
"""

from collections.abc import Callable

from kernel.languages import n_
from kernel.passwords import PRODUCTS, weakness

SHORTEST = 12
TEXTS = {
    "too_short": n_("Use at least 12 characters."),
    "too_long": n_("Use fewer characters."),
    "upper_case": n_("Use an upper-case letter."),
    "digit": n_("Use a digit."),
    "special": n_("Use a character that is neither a letter nor a digit."),
    "too_common": n_("This password is easy to guess. Several words in a row are harder."),
    "about_you": n_(
        "A password must not contain your name, your e-mail address, your account or the name "
        "of the product: no word of four or more letters of them. Choose other words."
    ),
}
HINT = n_(
    "At least 12 characters, among them an upper-case letter, a digit and a special character."
)
_KINDS: tuple[tuple[str, Callable[[str], bool]], ...] = (
    ("upper_case", str.isupper),
    ("digit", str.isdigit),
    ("special", lambda one: not one.isalnum()),
)


def faults(password: str, about: tuple[str, ...]) -> list[str]:
    """Why it is refused, as keys of `TEXTS`; empty for a good one.

    `about`: name, address and account, whose words it must not contain.
    """
    missing = [code for code, is_one in _KINDS if not any(map(is_one, password))]
    weak = weakness(password, (*about, *PRODUCTS), SHORTEST)
    return ([weak] if weak else []) + missing


def judge(password: str, about: tuple[str, ...], say: Callable[[str], str]) -> str:
    """Everything that is wrong with it, in finished words; empty for a good one."""
    return " ".join(say(TEXTS[code]) for code in faults(password, about))
