"""Help served by the product itself: guides, and a page for each refusal of the catalogue."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from pydantic.fields import FieldInfo
from starlette.requests import Request
from starlette.responses import Response

from kernel.html import Topic
from kernel.languages import n_
from kernel.problems import ProblemCatalogue, ProblemError, filled
from kernel.settings import CommonSettings
from kernel.web.site import language_of, page, site_of

GUIDES = n_("Guides")
ERRORS = n_("When something is refused")
PLACEHOLDERS = {"organisation": "…", "retry_after": "…", "account": "…", "stored": "…"}


@dataclass(frozen=True, slots=True)
class Guide:
    """One guide: the last part of its address, its title, its template."""

    slug: str
    title: str
    template: str


@dataclass(frozen=True, slots=True)
class Key:
    """One setting as the guide of the configuration keys shows it."""

    name: str
    meaning: str
    default: str
    required: bool


class Shelf:
    """The help of one application. `home` is where the product's mark leads."""

    def __init__(
        self,
        guides: Sequence[Guide],
        problems: type[ProblemCatalogue],
        settings: type[CommonSettings],
        home: str,
    ) -> None:
        self._guides = {guide.slug: guide for guide in guides}
        self._problems = {problem.code: problem for problem in problems if problem.spec.has_help}
        self._settings, self._home = settings, home
        self._nothing_there = problems["PAGE_NOT_FOUND"]

    def index(self, request: Request) -> Response:
        """The list of everything."""
        return page(request, "help_index.html", home=self._home, topics=self._topics(request))

    def topic(self, request: Request, slug: str) -> Response:
        """One page; raises PAGE_NOT_FOUND."""
        topics = self._topics(request, slug)
        guide = self._guides.get(slug)
        if guide is not None:
            groups = keys_by_group(self._settings)
            return page(request, guide.template, home=self._home, topics=topics, groups=groups)
        problem = self._problems.get(slug)
        if problem is None:
            raise ProblemError(self._nothing_there)
        return self._problem(request, problem, topics)

    def _problem(
        self, request: Request, problem: ProblemCatalogue, topics: list[tuple[str, list[Topic]]]
    ) -> Response:
        spec = problem.spec
        return page(
            request,
            "help_problem.html",
            home=self._home,
            topics=topics,
            sentence=_say(request, spec.title),
            remedy=_say(request, spec.user_text),
            administrators=_say(request, spec.admin_text),
            operators=spec.operator_hint,
            code=problem.code,
            http_status=spec.status,
        )

    def _topics(self, request: Request, current: str = "") -> list[tuple[str, list[Topic]]]:
        guides = [
            Topic(_say(request, guide.title), f"/help/{slug}", slug == current)
            for slug, guide in self._guides.items()
        ]
        errors = [
            Topic(_say(request, problem.spec.title), f"/help/{code}", code == current)
            for code, problem in self._problems.items()
        ]
        return [(_say(request, GUIDES), guides), (_say(request, ERRORS), errors)]


def keys_by_group(settings: type[CommonSettings]) -> list[tuple[str, list[Key]]]:
    """Every setting with its meaning, by group, in the order of the declaration."""
    fields = list(settings.model_fields.values())
    names = list(dict.fromkeys(_extra(field, "group") for field in fields))
    fields.sort(key=lambda field: names.index(_extra(field, "group")))
    return [
        (name, [_key(field) for field in members])
        for name, members in groupby(fields, key=lambda field: _extra(field, "group"))
    ]


def _key(field: FieldInfo) -> Key:
    required = field.is_required()
    value = None if required else field.get_default()
    default = "" if value in (None, (), "") else str(value)
    if isinstance(value, bool):
        default = str(value).lower()
    return Key(str(field.validation_alias), str(field.description), default, required)


def _extra(field: FieldInfo, name: str) -> str:
    extra = field.json_schema_extra
    return str(extra[name]) if isinstance(extra, dict) else ""


def _say(request: Request, text: str) -> str:
    """In the reader's language; what only one occurrence knows is left open."""
    said = site_of(request).pages.text(language_of(request), text)
    return filled(said, PLACEHOLDERS)
