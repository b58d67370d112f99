"""Pages: one Jinja environment for each language, and the finished values that templates get."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import SequenceMatcher
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zlib import crc32

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.runtime import Macro
from markupsafe import Markup

from kernel.languages import LANGUAGES, NATIVE_NAMES, Translations

HUES = 8
FIRST_IDEOGRAPHIC = "\u2e80"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class PageContext:
    """What every page knows of its request; made by `kernel.web`."""

    language: str
    csrf_token: str
    theme: str  # "system", "light" or "dark"
    path: str  # path and query of this page, where the language picker returns to
    reference: str  # reference id of this request


@dataclass(frozen=True, slots=True)
class Action:
    """One thing a person can do on a page: a link, or with `post` a button that sends a form."""

    label: str
    href: str
    post: bool = False


@dataclass(frozen=True, slots=True)
class ProblemView:
    """Everything the error page shows (`problem.html`), already in the reader's language."""

    sentence: str  # what happened, the exact words of the catalogue
    remedy: str  # what the person can do now
    primary: Action
    at: int
    others: tuple[Action, ...] = ()
    administrators: str = ""
    administrator_action: Action | None = None
    operators: tuple[tuple[str, str], ...] = ()  # (label, value): step, reason
    command: str = ""  # what an operator runs to see the story
    help_href: str = ""
    support_href: str = ""
    wait_seconds: int = 0  # a countdown; the answer then also has a `Refresh` header


@dataclass(frozen=True, slots=True)
class Desk:
    """The frame of a signed-in page (`desk.html`)."""

    home: str  # where the product mark leads
    place: str  # name of the account or organisation
    person: str
    email: str
    presence: str = ""  # "online", "busy", "away", "offline", or empty: no dot


@dataclass(frozen=True, slots=True)
class Topic:
    """One line in the list of help pages."""

    title: str
    href: str
    current: bool = False


def static_directories(package: str) -> tuple[Path, ...]:
    """Where files under /static are looked for: the application's own, then the kernel's."""
    return tuple(Path(str(files(name))) / "static" for name in (package, "kernel"))


class Pages:
    """Renders the templates of one application.

    Templates are looked for in the application and then in the kernel. Every macro of
    `kernel/templates/macros` is reachable in any template as `ui.<name>`.
    """

    def __init__(self, package: str, product: str, languages: tuple[str, ...] = LANGUAGES) -> None:
        self._product = product
        self._languages = languages
        self._roots = [str(Path(str(files(p))) / "templates") for p in (package, "kernel")]
        self._static = static_directories(package)
        self._translations = Translations(package, languages)
        self._assets: dict[str, str] = {}
        self._environments: dict[str, Environment] = {}

    def render(self, template: str, page: PageContext, **values: object) -> str:
        environment = self._environment(page.language)
        return environment.get_template(template).render(page=page, **values)

    def text(self, language: str, message: str) -> str:
        """A text of a Python catalogue (marked with `n_`, or a problem's) in that language."""
        return self._translations.text(language, message)

    def asset(self, name: str) -> str:
        """The address of a static file; it changes with the content, so it may be cached."""
        if name not in self._assets:
            path = next((root / name for root in self._static if (root / name).is_file()), None)
            if path is None:
                raise FileNotFoundError(f"no static file {name!r} in {self._static}")
            version = hashlib.sha256(path.read_bytes()).hexdigest()[:8]
            self._assets[name] = f"/static/{name}?v={version}"
        return self._assets[name]

    def _environment(self, language: str) -> Environment:
        # Made at first use: a process that only answers the protocol never compiles a template.
        if language not in self._environments:
            self._environments[language] = self._new_environment(language)
        return self._environments[language]

    def _new_environment(self, language: str) -> Environment:
        environment: Any = Environment(
            loader=FileSystemLoader(self._roots),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            cache_size=-1,
            extensions=["jinja2.ext.i18n"],
        )
        environment.install_gettext_translations(self._translations.of(language), newstyle=True)
        environment.filters |= {
            "moment": moment,
            "clock": clock,
            "initials": initials,
            "hue": hue,
            "differences": differences,
        }
        environment.globals |= {
            "asset": self.asset,
            "product": self._product,
            "languages": [(code, NATIVE_NAMES[code]) for code in self._languages],
        }
        environment.globals["ui"] = _macros(environment)
        assert isinstance(environment, Environment)
        return environment


@cache
def pages_of(package: str, product: str) -> Pages:
    """The pages of an application, whose templates a process compiles once."""
    return Pages(package, product)


def _macros(environment: Environment) -> SimpleNamespace:
    """Every public macro of the design system under its own name."""
    found: dict[str, Macro] = {}
    names = environment.list_templates(filter_func=lambda name: name.startswith("macros/"))
    for name in names:
        for key, value in vars(environment.get_template(name).module).items():
            if isinstance(value, Macro) and not key.startswith("_"):
                assert key not in found, f"two macros are called {key}"
                found[key] = value
    return SimpleNamespace(**found)


def moment(seconds: int, page: PageContext, *, relative: bool = False) -> Markup:
    """A `<time>` in UTC that times.js rewrites to the reader's zone.

    With `relative` the script says "5 minutes ago" within a day.
    """
    at = datetime.fromtimestamp(seconds, UTC)
    hour = f"{at:%H:%M} UTC"
    text = {
        "de": f"{at:%d.%m.%Y}, {hour}",
        "ja": f"{at.year}年{at.month}月{at.day}日 {hour}",
    }.get(page.language, f"{at.day} {MONTHS[at.month - 1]} {at.year}, {hour}")
    mark = Markup(" data-relative") if relative else ""
    return Markup('<time datetime="{}" title="UTC"{}>{}</time>').format(
        f"{at:%Y-%m-%dT%H:%M:%SZ}", mark, text
    )


def clock(seconds: int) -> str:
    """A duration as a clock shows it: 80 is "1:20"."""
    minutes, rest = divmod(max(0, seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def initials(name: str) -> str:
    """What stands for a person: "Ada King Lovelace" is "AL", "山田 太郎" is "山"."""
    words = name.replace("@", " ").split()
    if words and words[0][0] >= FIRST_IDEOGRAPHIC:
        return words[0][0]
    first_and_last = words[:1] + words[1:][-1:]
    return "".join(word[0] for word in first_and_last).upper() or "?"


def hue(name: str) -> int:
    """A number below `HUES` that is always the same for a name; design.css has a class for each."""
    return crc32(name.encode()) % HUES


def differences(one: str, other: str) -> tuple[list[tuple[str, bool]], list[tuple[str, bool]]]:
    """Both values as (text, differs) pieces."""
    left: list[tuple[str, bool]] = []
    right: list[tuple[str, bool]] = []
    for tag, a, b, c, d in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        differs = tag != "equal"
        if a < b:
            left.append((one[a:b], differs))
        if c < d:
            right.append((other[c:d], differs))
    return left, right
