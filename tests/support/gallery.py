"""A page of every macro and one of every layout, in an application made for the test."""

import shutil
import sys
from pathlib import Path

from kernel.html import Action, Desk, PageContext, Pages, ProblemView, Topic

SOURCES = Path(__file__).parents[2] / "src"

# Every macro with `text` wherever it takes a text or an address.
MACROS = {
    "icon": "{{ ui.icon('mail', text) }}",
    "button": "{{ ui.button(text, 'danger', 'trash', text, text, busy=true, attrs={'id': text}) }}",
    "link_button": "{{ ui.link_button(text, text, 'secondary', attrs={'id': text}) }}",
    "action": "{{ ui.action(link, page) }}{{ ui.action(posted, page, 'quiet') }}",
    "form": "{% call ui.form(text, page, attrs={'data-x': text}) %}{{ text }}{% endcall %}",
    "search": "{{ ui.search(text, text, value=text, hidden={'page': text}) }}",
    "hidden": "{{ ui.hidden(text, text) }}",
    "field": (
        "{{ ui.field(text, 'mail', 'email', text, text, text, autocomplete='email') }}"
        "{% call ui.field(text, 'pass', 'password', text, required=false) %}{{ text }}{% endcall %}"
    ),
    "table_keys": "{{ ui.table_keys(selects=true) }}",
    "text_area": "{{ ui.text_area(text, 'area', text, text, text) }}",
    "filters": "{% call ui.filters('/list') %}{{ ui.hidden('kept', text) }}{% endcall %}",
    "select": "{{ ui.select(text, 'choice', [(text, text), ('b', 'b')], text, text, text) }}",
    "checkbox": "{{ ui.checkbox(text, 'keep', true, text, text, text) }}",
    "switch": "{{ ui.switch(text, 'sound', true, text, text) }}",
    "banner": (
        "{{ ui.banner(text) }}{{ ui.banner(text, 'success', text) }}{{ ui.banner(text, 'danger') }}"
        "{% call ui.banner(text, 'warning') %}<a href='/'>{{ text }}</a>{% endcall %}"
    ),
    "toast": "{{ ui.toast(text) }}",
    "badge": (
        "{% for kind in ('neutral', 'accent', 'success', 'warning', 'danger') %}"
        "{{ ui.badge(text, kind, 'check') }}{% endfor %}"
    ),
    "progress": "{{ ui.progress(18, 28, text) }}",
    "skeleton": "{{ ui.skeleton() }}",
    "empty": "{% call ui.empty(text, text) %}{{ text }}{% endcall %}",
    "countdown": "{{ ui.countdown(80) }}",
    "avatar": "{{ ui.avatar(text, 'busy') }}",
    "presence": (
        "{% for state in ('online', 'busy', 'away', 'offline') %}{{ ui.presence(state) }}"
        "{% endfor %}"
    ),
    "person": "{{ ui.person(text, text, 'away', text) }}{{ ui.person(text) }}",
    "card": "{% call ui.card(text, text) %}{{ text }}{% endcall %}",
    "actions": "{% call ui.actions('end') %}{{ text }}{% endcall %}",
    "tabs": (
        "{{ ui.tabs([{'label': text, 'href': text, 'current': true, 'count': text},"
        " {'label': 'b', 'href': '/'}], text) }}"
    ),
    "steps": "{{ ui.steps([text, text, text], 2) }}",
    "fold": "{% call ui.fold(text, 'users') %}{{ text }}{% endcall %}",
    "dialog": (
        "{% call ui.dialog('dialog', text) %}{{ text }}{{ ui.dialog_close(text) }}{% endcall %}"
    ),
    "dialog_button": "{{ ui.dialog_button(text, 'dialog', text) }}",
    "dialog_close": "",
    "menu": (
        "{% call ui.menu(text, 'settings') %}{{ ui.menu_link(text, text, 'user') }}{% endcall %}"
        "{% call ui.menu(text) %}{{ ui.menu_link(text, text) }}{% endcall %}"
    ),
    "menu_link": "",
    "menu_button": (
        "{% call ui.menu('Presence') %}{% call ui.form('/', page) %}{{ ui.menu_heading(text) }}"
        "{{ ui.menu_button(text, text, text, 'presence-online', current=true) }}{% endcall %}"
        "{{ ui.menu_rule() }}{% endcall %}"
    ),
    "menu_heading": "",
    "menu_rule": "",
    "rail_section": "{{ ui.rail_section(text, [(text, [{'label': text, 'href': text}])]) }}",
    "section_menu": (
        "{{ ui.section_menu(text, [(text, [{'label': text, 'href': text, 'current': true}])]) }}"
    ),
    "rail_link": "{{ ui.rail_link(text, text, 'home', current=true, count=text) }}",
    "language_picker": "{{ ui.language_picker(page) }}",
    "table": (
        "{% call ui.table([{'label': text, 'href': text, 'sorted': 'ascending'},"
        " {'label': text, 'numeric': true}], text) %}"
        "<tr><td>{{ text }}</td><td class='numeric'>1</td></tr>{% endcall %}"
        "{% call ui.table([{'label': text}], 'Loading', loading=true) %}{% endcall %}"
        "{% call ui.table([], 'Empty', empty=ui.empty(text)) %}{% endcall %}"
    ),
    "select_row": "{{ ui.select_row(text, text, text, checked=true) }}",
    "selection_bar": "{% call ui.selection_bar(text) %}{{ text }}{% endcall %}",
    "pager": "{{ ui.pager(text, text) }}{{ ui.pager(text, next=text) }}",
    "key_values": (
        "{% call ui.key_values() %}{{ ui.key_value(text, text) }}"
        "{% call ui.key_value(text) %}{{ text }}{% endcall %}{% endcall %}"
    ),
    "key_value": "",
    "code": "{{ ui.code(text, text) }}",
    "copy": "{{ ui.copy(text) }}",
    "diff": "{{ ui.diff(text, text, text, text ~ 'x') }}",
}

PAGES = {
    "gallery.html": (
        "{% extends 'desk.html' %}{% block title %}Gallery{% endblock %}"
        "{% block navigation %}{{ ui.rail_link('Home', '/', 'home', current=true) }}{% endblock %}"
        "{% block profile_menu %}{{ ui.menu_link('Profile', '/', 'user') }}{% endblock %}"
        "{% block content %}" + "\n".join(MACROS.values()) + "{% endblock %}"
    ),
    "login.html": (
        "{% extends 'card.html' %}{% block title %}Sign in{% endblock %}"
        "{% block lead %}to continue to {{ text }}{% endblock %}"
        "{% block before %}{{ ui.steps(['One', 'Two'], 1) }}{% endblock %}"
        "{% block content %}{% call ui.form('/login', page) %}"
        "{{ ui.field('E-mail', 'email', 'email', autocomplete='username', autofocus=true) }}"
        "{{ ui.field('Password', 'password', 'password', autocomplete='current-password') }}"
        "{{ ui.button('Sign in', wide=true) }}{% endcall %}{% endblock %}"
        "{% block below %}<a href='/'>{{ text }}</a>{% endblock %}"
    ),
    "guide.html": (
        "{% extends 'help.html' %}{% block title %}Guide{% endblock %}"
        "{% block article %}<p>{{ text }}</p>{{ ui.code(text) }}{% endblock %}"
    ),
    "refusal.html": "{% extends 'problem.html' %}",
    "times.html": (
        "{% extends 'card.html' %}{% block title %}Times{% endblock %}{% block content %}"
        "<p id='then'>{{ 1770000000 | moment(page) }}</p>"
        "<p id='now'>{{ now | moment(page, relative=true) }}</p>"
        "<p id='wait'>{{ ui.countdown(80) }}</p>{% endblock %}"
    ),
}


def page_context(language: str = "en", theme: str = "system") -> PageContext:
    return PageContext(language, "the-token", theme, "/here?a=1&b=2", "7QK2MZ4XW9AB")


def values(text: str) -> dict[str, object]:
    """What the pages above need, with `text` wherever a text can stand."""
    topics = [(text, [Topic(text, text, current=True), Topic("Other", "/other")])]
    return {
        "text": text,
        "now": 1770000000,
        "link": Action(text, text),
        "posted": Action(text, text, post=True),
        "desk": Desk("/", text, text, text, "online"),
        "home": "/",
        "topics": topics,
        "problem": ProblemView(
            sentence=text,
            remedy=text,
            primary=Action(text, text),
            at=1770000000,
            others=(Action(text, text, post=True),),
            administrators=text,
            administrator_action=Action(text, text),
            operators=((text, text),),
            command=text,
            help_href=text,
            support_href=text,
            wait_seconds=42,
        ),
    }


def make_application(folder: Path, extra: dict[str, str] | None = None) -> Pages:
    """An importable package with these templates and Live Agent's colours."""
    package = folder / f"gallery_of_{folder.name.replace('-', '_')}"
    shutil.copytree(SOURCES / "live_agent" / "static", package / "static")
    (package / "__init__.py").touch()
    (package / "templates").mkdir()
    for name, template in (PAGES | (extra or {})).items():
        (package / "templates" / name).write_text(template, encoding="utf-8")
    sys.path.insert(0, str(folder))
    try:
        return Pages(package.name, "Gallery")
    finally:
        sys.path.remove(str(folder))
