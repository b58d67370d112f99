"""The languages of the pages: which one a request gets, and where its texts come from."""

import gettext
import re
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path

LANGUAGES = ("en", "de", "ja")
NATIVE_NAMES = {"en": "English", "de": "Deutsch", "ja": "日本語"}

Say = Callable[[str], str]  # a text of Python code in a reader's language

LONGEST_HEADER = 1000
MOST_RANGES = 20
LANGUAGE_RANGE = re.compile(
    r"\s*(?P<range>\*|[a-z]{1,8}(?:-[a-z0-9]{1,8})*)\s*"
    r"(?:;\s*q=(?P<quality>0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)\s*)?",
    re.IGNORECASE,
)


def n_(text: str) -> str:
    """Mark a text in Python for extraction; it is translated where it is shown."""
    return text


def choose(cookie: str | None, accept_language: str | None) -> str:
    """The language of a request: the picker's choice, else the browser's wish, else English.

    RFC 9110 section 12.5.4; what is malformed in the header counts as not said.
    """
    if cookie in LANGUAGES:
        return str(cookie)
    refused, wishes = set(), []
    for quality, language in _ranges(accept_language or ""):
        if quality == 0:
            refused.add(language)
        else:
            wishes.append((quality, language))
    for _, language in sorted(wishes, key=lambda wish: -wish[0]):
        if language == "*":
            return next((known for known in LANGUAGES if known not in refused), LANGUAGES[0])
        if language in LANGUAGES and language not in refused:
            return language
    return LANGUAGES[0]


def _ranges(accept_language: str) -> Iterator[tuple[float, str]]:
    """Quality and primary subtag of each well-formed range: `de-AT;q=0.8` is (0.8, "de")."""
    for item in accept_language[:LONGEST_HEADER].split(",")[:MOST_RANGES]:
        match = LANGUAGE_RANGE.fullmatch(item)
        if match is not None:
            quality = float(match["quality"] or 1)
            yield quality, match["range"].lower().partition("-")[0]


class Translations:
    """The texts of one application: its own catalogue, then the kernel's."""

    def __init__(self, package: str, languages: tuple[str, ...] = LANGUAGES) -> None:
        self._catalogues = {language: _merged(package, language) for language in languages}

    def of(self, language: str) -> gettext.NullTranslations:
        return self._catalogues[language]

    def text(self, language: str, message: str) -> str:
        """The message in that language, or the message itself."""
        return self._catalogues[language].gettext(message) if message else ""


def _merged(package: str, language: str) -> gettext.NullTranslations:
    catalogue = _catalogue(package, language)
    if package != "kernel":
        catalogue.add_fallback(_catalogue("kernel", language))
    return catalogue


def _catalogue(package: str, language: str) -> gettext.NullTranslations:
    # English has no catalogue: the messages are the English texts.
    path = Path(str(files(package))) / "locales" / language / "LC_MESSAGES" / "messages.mo"
    if not path.is_file():
        return gettext.NullTranslations()
    with path.open("rb") as file:
        return gettext.GNUTranslations(file)
