import gettext
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

from kernel.languages import LANGUAGES, NATIVE_NAMES, Translations, choose

ROOT = Path(__file__).parents[2]
PACKAGES = ("kernel", "cognigy_ai", "live_agent")
TRANSLATED = [language for language in LANGUAGES if language != "en"]


# --- which language -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accept_language", "language"),
    [
        ("de", "de"),
        ("de-AT", "de"),
        ("ja-JP,ja;q=0.9,en;q=0.8", "ja"),
        ("en;q=0.5, de;q=0.9", "de"),
        ("DE-ch", "de"),
        ("fr, de;q=0.3", "de"),
        ("fr", "en"),
        ("fr, *;q=0.1", "en"),
        ("en;q=0, *", "de"),
        ("de;q=0, en;q=0.1", "en"),
        ("de;q=0, de-AT", "en"),
        ("ja ; q=0.7 , de ; q=0.7", "ja"),
        ("de;q=2, ja;q=0.1", "ja"),
        ("de;q=x", "en"),
        (";;q=,,", "en"),
        ("*;q=0", "en"),
        ("*", "en"),
        ("", "en"),
        (None, "en"),
    ],
)
def test_the_browsers_best_wish_that_we_speak_is_chosen(accept_language, language):
    assert choose(None, accept_language) == language


def test_the_choice_of_the_picker_beats_the_browser():
    assert choose("ja", "de") == "ja"


@pytest.mark.parametrize("cookie", ["fr", "", "DE", "de\r\nSet-Cookie: x"])
def test_a_cookie_that_is_no_language_of_ours_is_ignored(cookie):
    assert choose(cookie, "de") == "de"


@given(st.text(), st.text())
def test_no_header_whatever_makes_the_choice_fail(cookie, header):
    assert choose(cookie, header) in LANGUAGES


@given(st.lists(st.from_regex(r"[a-z*]{1,3}(-[A-Z]{2})?(;q=[01](\.[0-9]{1,4})?)?", fullmatch=True)))
def test_no_list_of_ranges_makes_the_choice_fail(ranges):
    assert choose(None, ",".join(ranges)) in LANGUAGES


def test_only_the_beginning_of_an_endless_header_is_read():
    assert choose(None, "fr," * 19 + "de") == "de"
    assert choose(None, "fr," * 20 + "de") == "en"
    assert choose(None, " " * 1000 + "de") == "en"


def test_each_language_has_its_own_name():
    assert set(NATIVE_NAMES) == set(LANGUAGES)


# --- the catalogues -------------------------------------------------------------------------------


def test_english_needs_no_catalogue():
    assert Translations("kernel").text("en", "Skip to content") == "Skip to content"


def test_an_application_without_the_text_uses_the_kernels():
    for package in PACKAGES:
        assert Translations(package).text("de", "Skip to content") == "Zum Inhalt springen"


def test_a_text_without_a_translation_stays_english():
    assert Translations("kernel").text("ja", "No such text") == "No such text"
    assert Translations("kernel").text("ja", "") == ""


@pytest.fixture(scope="module", params=PACKAGES)
def extracted(request, tmp_path_factory) -> tuple[str, Catalog]:
    """The package and every text that its sources mark."""
    found = tmp_path_factory.mktemp("texts") / "messages.pot"
    command = ["extract", "-F", "pyproject.toml", "-k", "n_", "-o", str(found)]
    subprocess.run(
        [sys.executable, "-m", "babel.messages.frontend", "-q", *command, f"src/{request.param}"],
        cwd=ROOT,
        check=True,
    )
    with found.open("rb") as file:
        return request.param, read_po(file)


def _texts(catalog: Catalog) -> dict[object, Message]:
    return {message.id: message for message in catalog if message.id}


def _catalogue(package: str, language: str) -> Path:
    return ROOT / "src" / package / "locales" / language / "LC_MESSAGES" / "messages.po"


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_is_translated_with_the_same_placeholders(extracted, language):
    package, sources = extracted
    if not _texts(sources):
        return
    with _catalogue(package, language).open("rb") as file:
        catalog = read_po(file, locale=language)
    texts = _texts(catalog)
    assert set(texts) == set(_texts(sources)), "run `make locales`"
    untranslated = [m.id for m in texts.values() if not m.string or not all(_forms(m))]
    assert untranslated == []
    assert [m.id for m in texts.values() if m.fuzzy] == []
    assert [(m.id, str(e)) for m in texts.values() for e in m.check(catalog)] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_what_is_compiled_is_what_is_written(extracted, language):
    package, sources = extracted
    if not _texts(sources):
        return
    written = _catalogue(package, language)
    with written.open("rb") as file:
        texts = _texts(read_po(file, locale=language))
    with written.with_suffix(".mo").open("rb") as compiled:
        translations = gettext.GNUTranslations(compiled)
    for message in texts.values():
        if isinstance(message.id, str):
            assert translations.gettext(message.id) == message.string
        else:
            assert translations.ngettext(*message.id, 1) in message.string
    header = translations.info()
    assert header["language"] == language


def _forms(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)
