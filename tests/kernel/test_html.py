import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import TemplateNotFound, TemplateRuntimeError, UndefinedError, nodes
from jinja2.environment import Environment
from markupsafe import Markup

from kernel.html import (
    HUES,
    Action,
    Pages,
    ProblemView,
    clock,
    differences,
    hue,
    initials,
    moment,
    static_directories,
)
from support.gallery import MACROS, PAGES, make_application, page_context, values

SOURCES = Path(__file__).parents[2] / "src"
TEMPLATES = sorted(SOURCES.glob("*/templates/**/*.html"))
HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>{{ 7 * 7 }}%(x)s&amp;"
EXTRA = {
    "untitled.html": "{% extends 'card.html' %}{% block content %}x{% endblock %}",
    "undefined.html": "{{ nobody_gave_this }}",
    "asset.html": "{{ asset('no-such-file.css') }}",
    "one.html": "{{ ui.field('Password', 'p', 'password', value='hunter2') }}",
    "elsewhere.html": (
        "{% call ui.form('https://other.example/logout', page, elsewhere=true) %}x{% endcall %}"
    ),
    "plain.html": "{% extends 'card.html' %}{% block title %}T{% endblock %}"
    "{% block content %}x{% endblock %}",
}


@pytest.fixture(scope="module")
def pages(tmp_path_factory) -> Pages:
    return make_application(tmp_path_factory.mktemp("html"), EXTRA)


class Reader(HTMLParser):
    """The elements of a page, as (name, attributes)."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data

    def all(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.elements if tag == name]

    def one(self, name: str) -> dict[str, str | None]:
        (attributes,) = self.all(name)
        return attributes


def read(pages: Pages, template: str, text: str = "Some text", language: str = "en") -> Reader:
    return Reader(pages.render(template, page_context(language), **values(text)))


# --- what comes from people is never markup -------------------------------------------------------


def test_the_gallery_shows_every_macro(pages):
    html = pages.render("gallery.html", page_context(), **values("x"))
    assert html
    macros = [
        name
        for path in (SOURCES / "kernel" / "templates" / "macros").glob("*.html")
        for name in re.findall(r"{% macro ([a-z]\w*)\(", path.read_text())
    ]
    assert sorted(macros) == sorted(MACROS)


@pytest.mark.parametrize("template", sorted(set(PAGES) - {"times.html"}))
def test_a_hostile_text_stays_text_wherever_it_is_put(pages, template):
    harmless = read(pages, template, "Some text")
    attacked = read(pages, template, HOSTILE)
    assert [tag for tag, _ in attacked.elements if tag in ("script", "img")] == [
        tag for tag, _ in harmless.elements if tag in ("script", "img")
    ]
    names = {name for _, attributes in attacked.elements for name in attributes}
    assert not {name for name in names if name.startswith("on")}
    # the values themselves arrive whole
    assert HOSTILE in attacked.text.replace("\xa0", " ")


def test_every_macro_escapes_its_texts(pages, tmp_path):
    alone = {f"{name}.html": source for name, source in MACROS.items() if source}
    gallery = make_application(tmp_path, alone)
    for name in alone:
        html = gallery.render(name, page_context(), **values(HOSTILE))
        assert "<script" not in html, name
        assert "<img" not in html, name
        assert '"' + HOSTILE[1:4] not in html, name


# --- forms ----------------------------------------------------------------------------------------


def test_every_posted_form_carries_the_token(pages):
    html = pages.render("gallery.html", page_context(), **values("x"))
    posted = re.findall(r'<form method="post".*?</form>', html, re.DOTALL)
    assert len(posted) > 3
    for form in posted:
        assert '<input type="hidden" name="csrf_token" value="the-token">' in form


def test_a_form_to_another_origin_carries_no_token(pages):
    assert "the-token" not in pages.render("elsewhere.html", page_context())


def test_a_searching_form_carries_no_token_into_the_address(pages):
    html = pages.render("gallery.html", page_context(), **values("x"))
    (search,) = re.findall(r'<form method="get"[^>]*class="search".*?</form>', html, re.DOTALL)
    assert "csrf_token" not in search


def test_a_password_is_never_written_into_a_page(pages):
    assert "hunter2" not in pages.render("one.html", page_context())


def test_a_field_names_its_hint_and_its_error(pages):
    reader = read(pages, "gallery.html")
    mail = next(i for i in reader.all("input") if i.get("id") == "field-mail")
    assert mail["aria-invalid"] == "true"
    assert mail["aria-describedby"] == "field-mail-hint field-mail-error"
    ids = {attributes.get("id") for _, attributes in reader.elements}
    assert {"field-mail-hint", "field-mail-error"} <= ids


def test_the_language_picker_posts_where_to_return_and_marks_the_language(pages):
    html = pages.render("plain.html", page_context("de"))
    reader = Reader(html)
    hidden = {i["name"]: i["value"] for i in reader.all("input")}
    assert hidden == {"csrf_token": "the-token", "return_to": "/here?a=1&b=2"}
    buttons = {b["value"]: "aria-current" in b for b in reader.all("button")}
    assert buttons == {"en": False, "de": True, "ja": False}
    assert "日本語" in reader.text


# --- layouts --------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "de", "ja"])
@pytest.mark.parametrize(
    ("template", "title"),
    [("login.html", "Sign in"), ("gallery.html", "Gallery"), ("guide.html", "Guide")],
)
def test_every_page_has_a_language_a_title_and_one_heading(pages, template, title, language):
    html = pages.render(template, page_context(language), **values("Some text"))
    reader = Reader(html)
    assert reader.one("html")["lang"] == language
    assert f"<title>{title} · Gallery</title>" in html
    assert len(reader.all("h1")) == 1
    assert len(reader.all("main")) == 1


def test_a_page_without_a_title_cannot_be_made(pages):
    with pytest.raises(TemplateRuntimeError, match="title"):
        pages.render("untitled.html", page_context())


def test_a_value_that_was_not_given_is_a_fault_and_not_a_gap(pages):
    with pytest.raises(UndefinedError, match="nobody_gave_this"):
        pages.render("undefined.html", page_context())


def test_a_template_that_does_not_exist_is_a_fault(pages):
    with pytest.raises(TemplateNotFound):
        pages.render("nothing.html", page_context())


@pytest.mark.parametrize(
    ("theme", "schemes"), [("system", "light dark"), ("light", "light"), ("dark", "dark")]
)
def test_the_chosen_theme_is_said_before_any_style_is_read(pages, theme, schemes):
    html = pages.render("plain.html", page_context(theme=theme))
    assert f'<html lang="en" data-theme="{theme}">' in html
    assert f'<meta name="color-scheme" content="{schemes}">' in html
    assert html.index("color-scheme") < html.index("stylesheet")


def test_the_texts_of_the_layout_are_in_the_readers_language(pages):
    assert "Zum Inhalt springen" in pages.render("plain.html", page_context("de"))
    assert "本文へ移動" in pages.render("plain.html", page_context("ja"))


def test_python_texts_are_translated_as_plain_text(pages):
    text = pages.text("de", "For administrators")
    assert text == "Für Administratoren"
    assert not isinstance(text, Markup)


# --- the error page -------------------------------------------------------------------------------


def test_the_error_page_says_what_happened_first_and_takes_the_focus_there(pages):
    reader = read(pages, "refusal.html", "It went wrong")
    heading = reader.one("h1")
    assert heading["tabindex"] == "-1"
    assert "autofocus" in heading
    assert any(h.get("role") == "alert" for h in reader.all("header"))


def test_the_error_page_has_one_primary_action(pages):
    html = pages.render("refusal.html", page_context(), **values("x"))
    assert html.count("button-primary") == 1


def test_the_error_page_shows_reference_and_time_and_the_way_to_help(pages):
    html = pages.render("refusal.html", page_context(), **values("https://help.example/"))
    assert "<code>7QK2MZ4XW9AB</code>" in html
    assert 'data-copies="7QK2MZ4XW9AB"' in html
    assert 'datetime="2026-02-02T02:40:00Z"' in html
    assert html.count('href="https://help.example/"') >= 2
    assert 'data-countdown="42"' in html


def test_an_action_that_changes_something_is_a_form(pages):
    problem = ProblemView("Sentence", "Remedy", Action("Log out", "/logout", post=True), at=0)
    html = pages.render("refusal.html", page_context(), problem=problem)
    assert '<form method="post" action="/logout"' in html


def test_the_error_page_has_no_empty_folds_links_or_countdown(pages):
    problem = ProblemView("Sentence", "Remedy", Action("Try again", "/login"), at=0)
    html = pages.render("refusal.html", page_context(), problem=problem)
    assert "<details" not in html
    assert "data-countdown" not in html
    assert '<div class="below"></div>' in html


# --- files ----------------------------------------------------------------------------------------


def test_the_address_of_a_file_changes_with_its_content(tmp_path):
    pages = make_application(tmp_path)
    before = pages.asset("brand.css")
    assert re.fullmatch(r"/static/brand\.css\?v=[0-9a-f]{8}", before)
    brand = next(tmp_path.glob("*/static/brand.css"))
    brand.write_text(brand.read_text() + "/* changed */")
    assert pages.asset("brand.css") == before  # a running process looks once
    assert Pages(brand.parents[1].name, "Gallery").asset("brand.css") != before


def test_an_applications_file_hides_the_kernels():
    own, shared = static_directories("live_agent")
    assert (own / "brand.css").is_file()
    assert (shared / "design.css").is_file()
    assert static_directories("cognigy_ai")[1] == shared


def test_a_page_that_names_a_missing_file_is_a_fault(pages):
    with pytest.raises(FileNotFoundError, match=r"no-such-file\.css"):
        pages.render("asset.html", page_context())


def test_a_page_with_all_it_loads_stays_below_60_kilobytes(pages):
    html = pages.render("refusal.html", page_context(), **values("Some text"))
    names = re.findall(r"/static/([\w.-]+)\?v=", html)
    files = {name: _size(name) for name in names}
    assert len(html.encode()) + sum(files.values()) < 60_000, files


def _size(name: str) -> int:
    return next(
        (folder / name).stat().st_size
        for folder in static_directories("live_agent")
        if (folder / name).is_file()
    )


# --- the sources of the pages ---------------------------------------------------------------------


def _where(path: Path) -> str:
    return str(path.relative_to(SOURCES))


@pytest.mark.parametrize("path", TEMPLATES, ids=_where)
def test_a_template_holds_nothing_that_the_content_security_policy_forbids(path):
    source = re.sub(r"{#.*?#}", "", path.read_text(), flags=re.DOTALL)
    assert not re.search(r"\sstyle\s*=", source), "a class of design.css does it"
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", source), "a module in static/ does it"
    in_a_mail = path.parent.name == "mail"  # no page: what it looks like stands in it
    assert in_a_mail or "<style" not in source
    assert not re.search(r"javascript:|data:[a-z]", source)
    for script in re.findall(r"<script[^>]*>", source):
        assert " src=" in script
    for address in re.findall(r"(?:src|href)=[\"'](https?:|//)", source):
        pytest.fail(f"loads or links {address} of somebody else")


@pytest.mark.parametrize("path", TEMPLATES, ids=_where)
def test_forms_are_written_by_the_one_macro_that_adds_the_token(path):
    if path.name != "form.html":
        assert "<form" not in path.read_text()


@pytest.mark.parametrize("path", TEMPLATES, ids=_where)
def test_only_literal_texts_are_translated_in_templates(path):
    # `_(value)` would mark the value as safe markup
    tree = Environment(extensions=["jinja2.ext.i18n"], autoescape=True).parse(path.read_text())
    for call in tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name in ("_", "gettext"):
            assert isinstance(call.args[0], nodes.Const), f"line {call.lineno}"


@pytest.mark.parametrize("path", TEMPLATES, ids=_where)
def test_every_icon_that_a_template_names_is_drawn(path):
    drawn = set(
        re.findall(r'<symbol id="([\w-]+)"', (SOURCES / "kernel/static/icons.svg").read_text())
    )
    named = re.findall(r"\bicon\([\"']([\w-]+)[\"']\)|icon=[\"']([\w-]+)[\"']", path.read_text())
    for name in (one or other for one, other in named):
        # "presence-" ~ state: the rest of the name is decided by a value
        assert name in drawn or (name.endswith("-") and any(d.startswith(name) for d in drawn))


# --- filters --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "2 Feb 2026, 02:40 UTC"),
        ("de", "02.02.2026, 02:40 UTC"),
        ("ja", "2026年2月2日 02:40 UTC"),
    ],
)
def test_a_time_is_written_in_utc_as_the_language_writes_it(language, text):
    assert moment(1770000000, page_context(language)) == Markup(
        f'<time datetime="2026-02-02T02:40:00Z" title="UTC">{text}</time>'
    )


def test_a_relative_time_is_marked_for_the_script():
    assert " data-relative>" in moment(1770000000, page_context(), relative=True)


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0:00"), (9, "0:09"), (80, "1:20"), (3661, "1:01:01"), (-5, "0:00")]
)
def test_a_duration_is_written_as_a_clock_shows_it(seconds, text):
    assert clock(seconds) == text


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Ada King Lovelace", "AL"),
        ("ada", "A"),
        ("agent@acme.example", "AA"),
        ("山田 太郎", "山"),
        ("Özlem Größer", "ÖG"),
        ("", "?"),
        ("  ", "?"),
    ],
)
def test_initials_stand_for_a_person(name, letters):
    assert initials(name) == letters


def test_the_hue_of_a_name_never_changes_and_has_a_class():
    assert hue("Ada Agent") == hue("Ada Agent")
    css = (SOURCES / "kernel/static/design.css").read_text()
    for number in range(HUES):
        assert f".hue-{number} " in css
    assert {hue(f"Person {n}") for n in range(200)} == set(range(HUES))


def test_the_differing_characters_of_two_values_are_marked():
    left, right = differences("https://a.example/cb", "https://a.example/cb/")
    assert left == [("https://a.example/cb", False)]
    assert right == [("https://a.example/cb", False), ("/", True)]
    assert differences("", "x") == ([], [("x", True)])
