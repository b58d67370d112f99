"""How the generated pages are written: markdown from values."""

import re
from collections.abc import Iterable, Sequence

MADE = "<!-- Made from the code by `make docs`; do not edit. -->"


def page(title: str, about: str, *parts: str) -> str:
    return "\n\n".join([f"# {title}", MADE, about, *(part for part in parts if part)]) + "\n"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells that are markdown already; empty without rows."""
    lines = [f"| {' | '.join(cell(value) for value in row)} |" for row in rows]
    if not lines:
        return ""
    return "\n".join([f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}", *lines])


def cell(markdown: str) -> str:
    return " ".join(markdown.split()).replace("|", "\\|")


def code(text: str) -> str:
    return f"`{text}`" if text else ""


def words(text: str) -> str:
    """Plain words of the code: `<` is no tag here, and what is marked as code stays so."""
    parts = text.split("`")
    parts[::2] = [re.sub(r"([<>*_])", r"\\\1", part) for part in parts[::2]]
    parts[::2] = [
        re.sub(r"\b[A-Z0-9]+(?:\\_[A-Z0-9*]+)+", lambda key: code(key[0].replace("\\", "")), part)
        for part in parts[::2]
    ]
    return "`".join(parts)


def first_sentences(documentation: str | None) -> str:
    """The first paragraph of a docstring."""
    return " ".join((documentation or "").strip().split("\n\n")[0].split())
