"""Which audit events the source of an application records."""

import ast
import re
from collections.abc import Collection, Iterator
from pathlib import Path

SRC = Path(__file__).parents[2] / "src"
NAME = re.compile(r"[a-z_]+\.[a-z_]+")
SHARED = SRC / "kernel" / "web" / "audit_page.py"  # records in the trail of either


def recorded(package: str, nouns: Collection[str]) -> set[str]:
    """The texts like `noun.verb` of the source: all but names of log lines are events."""
    found: set[str] = set()
    for path in (*(SRC / package).rglob("*.py"), SHARED):
        if path.name != "audit_words.py":
            tree = ast.parse(path.read_text())
            logged = {id(part) for call in _calls_of_log(tree) for part in ast.walk(call)}
            found |= {
                node.value
                for node in ast.walk(tree)
                if isinstance(node, ast.Constant) and id(node) not in logged
                if isinstance(node.value, str) and NAME.fullmatch(node.value)
            }
    return {name for name in found if name.partition(".")[0] in nouns}


def _calls_of_log(tree: ast.AST) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        called = node.func if isinstance(node, ast.Call) else None
        of = called.value if isinstance(called, ast.Attribute) else None
        if isinstance(node, ast.Call) and isinstance(of, ast.Name) and of.id == "log":
            yield node


def handed_to_record(package: str) -> set[str]:
    """Those that stand in a call of `record` or of what wraps it, whatever their noun."""
    found: set[str] = set()
    for path in (*(SRC / package).rglob("*.py"), SHARED):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call):
                continue
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            if name.lstrip("_") == "record":
                for part in ast.walk(node):
                    if isinstance(part, ast.Constant) and NAME.fullmatch(str(part.value)):
                        found.add(str(part.value))
    return found
