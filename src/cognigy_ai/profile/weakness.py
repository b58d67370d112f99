"""Why a new password is refused, in words."""

from cognigy_ai.users.rules import User
from kernel.languages import n_
from kernel.passwords import weakness

PRODUCTS = ("Cognigy", "Live Agent")
TEXTS = {
    "too_short": n_("Use at least 12 characters."),
    "too_long": n_("Use at most 1024 characters."),
    "too_common": n_("This password is easy to guess. Several words in a row are harder."),
    "about_you": n_(
        "This password is built on your name, your address or the name of the product."
    ),
}


def weakness_text(password: str, user: User) -> str:
    """A message for translation, or an empty text for a good password (ASVS 6.2)."""
    about = (user.name, user.email, user.organisation_name, *PRODUCTS)
    return TEXTS.get(weakness(password, about) or "", "")
