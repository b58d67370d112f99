"""The documentation says what the code does, and its links lead somewhere."""

import importlib
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from urllib.parse import unquote

import pytest

from kernel.web.api.application import ApiMount

ROOT = Path(__file__).parents[1]
REFERENCE = ROOT / "docs" / "reference"
MADE = (
    "settings.md",
    "errors.md",
    "faults.md",
    "urls.md",
    "commands.md",
    "permissions.md",
    "metrics.md",
    "rfc-coverage.md",
)
LINK = re.compile(r"(?<!`)!?\[[^\]]*\]\(([^()\s]+)\)")
FENCED = re.compile(r"^(```+|~~~+).*?^\1", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)
COMMAND = re.compile(r"(?:^|`|&& )make(?: PY=\S+)? ([a-z][a-z-]*)", re.MULTILINE)
TARGET = re.compile(r"^([a-z][a-z-]*):", re.MULTILINE)


@cache
def generator() -> ModuleType:
    """docs/generate.py, as `make docs` starts it: with its neighbours on the path."""
    sys.path.insert(0, str(ROOT / "docs"))
    try:
        return importlib.import_module("generate")
    finally:
        sys.path.remove(str(ROOT / "docs"))


def documents() -> list[Path]:
    return sorted(
        path
        for path in ROOT.rglob("*.md")
        if not any(part.startswith(".") for part in path.relative_to(ROOT).parts)
    )


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("name", MADE)
def test_a_page_of_the_reference_is_what_the_code_says(name: str):
    assert (REFERENCE / name).read_text() == generator().pages()[name], "stale: run `make docs`"


def test_nothing_else_lies_in_the_reference():
    assert {path.name for path in REFERENCE.iterdir()} == set(MADE) == set(generator().pages())


def test_every_setting_is_in_the_reference():
    text = (REFERENCE / "settings.md").read_text()
    for application in generator().APPLICATIONS:
        for field in application.settings.model_fields.values():
            assert f"| `{field.validation_alias}` |" in text


def test_every_address_is_in_the_reference_with_a_meaning():
    lines = (REFERENCE / "urls.md").read_text().splitlines()
    for application in generator().APPLICATIONS:
        for route in application.routes.ROUTES:
            if isinstance(route, ApiMount):
                continue  # one row for each of its operations
            rows = [line for line in lines if f"| `{route.path}" in line]
            assert rows, route.path
            assert not any(row.endswith("|  |") for row in rows), f"{route.path}: no docstring"


def test_every_problem_and_every_fault_is_in_the_reference():
    text = (REFERENCE / "errors.md").read_text()
    for application in generator().APPLICATIONS:
        for member in (*application.problems, *application.faults):
            assert f"`{member.code}`" in text


def test_every_command_is_in_the_reference():
    text = (REFERENCE / "commands.md").read_text()
    for application in generator().APPLICATIONS:
        for name, command in commands(application):
            assert f"### `{name}" in text
            assert command.help, f"`{name}` does not say what it does"


def commands(application: object) -> Iterator[tuple[str, object]]:
    module = generator()
    yield from module.leaves(module.get_command(application.cli), application.program)


def test_a_citation_is_found_however_it_is_written():
    generator()
    cited = importlib.import_module("standards").cited_in
    assert list(cited("RFC 6749 section 4.1.3, RFC 7636 section 4.5.")) == [
        ("RFC 6749", "4.1.3"),
        ("RFC 7636", "4.5"),
    ]
    assert list(cited("(RFC 9700 sections 2.1 and 4.12)")) == [
        ("RFC 9700", "2.1"),
        ("RFC 9700", "4.12"),
    ]
    assert list(cited("OIDC Core 3.1.3.7; OpenID Connect\nDiscovery 1.0 section 4")) == [
        ("OpenID Connect Core", "3.1.3.7"),
        ("OpenID Connect Discovery", "4"),
    ]
    assert list(cited("as RFC 9207 has it")) == [("RFC 9207", "")]


@pytest.mark.parametrize("path", documents(), ids=named)
def test_every_relative_link_leads_somewhere(path: Path):
    dead = [link for link in relative_links(path) if not leads_somewhere(path, link)]
    assert dead == []


def relative_links(path: Path) -> Iterator[str]:
    for link in LINK.findall(FENCED.sub("", path.read_text())):
        if not re.match(r"[a-z][a-z0-9+.-]*:|//", link):
            yield link


def leads_somewhere(path: Path, link: str) -> bool:
    name, _, anchor = unquote(link).partition("#")
    target = (path.parent / name).resolve() if name else path
    if not target.is_relative_to(ROOT) or not target.exists():
        return False
    return not anchor or target.suffix != ".md" or anchor in anchors(target)


def anchors(path: Path) -> set[str]:
    """The names that headings get on GitHub."""
    found: set[str] = set()
    for heading in HEADING.findall(FENCED.sub("", path.read_text())):
        slug = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        number = next(n for n in range(1000) if (f"{slug}-{n}" if n else slug) not in found)
        found.add(f"{slug}-{number}" if number else slug)
    return found


@pytest.mark.parametrize("path", documents(), ids=named)
def test_every_make_target_that_is_named_exists(path: Path):
    targets = set(TARGET.findall((ROOT / "Makefile").read_text()))
    assert {"up", "test"} <= targets
    assert set(COMMAND.findall(path.read_text())) - targets == set()


def test_every_make_target_with_a_help_line_is_printed_by_a_bare_make():
    """A target that a person may want says what it does."""
    lines = (ROOT / "Makefile").read_text().splitlines()
    phony = {line.removeprefix(".PHONY: ") for line in lines if line.startswith(".PHONY: ")}
    explained = {line.split(":")[0] for line in lines if re.match(r"^[a-z-]+:.*## ", line)}
    assert phony == explained
