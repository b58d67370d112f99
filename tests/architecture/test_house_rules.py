"""Rules that linters cannot say, checked on the syntax trees of the source."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SRC = Path(__file__).parents[2] / "src"
MODULES = sorted(path for path in SRC.rglob("*.py") if "migrations" not in path.parts)
MOST_LINES = 300
REQUEST_PARTS = ("query_params", "form[", "form.get", "headers")
LONG_BY_NATURE = {"tables.py", "settings.py", "problems.py", "routes.py"}


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), str(path))


def where(path: Path, node: ast.AST) -> str:
    return f"{path.relative_to(SRC)}:{getattr(node, 'lineno', 0)}"


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def calls(path: Path, name: str) -> Iterator[ast.Call]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            called = node.func
            found = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            if found == name:
                yield node


def test_a_store_is_imported_by_its_own_feature_only():
    offenders = [
        f"{path.relative_to(SRC)} imports {name}"
        for path in MODULES
        for name in imported(path)
        if len(parts := name.split(".")) >= 3
        and "store" in parts[2:3]
        and path.relative_to(SRC).parts[:2] != tuple(parts[:2])
    ]
    assert offenders == []


def test_nothing_commits_outside_kernel_db():
    offenders = [
        where(path, node)
        for path in MODULES
        if path.relative_to(SRC) != Path("kernel/db.py")
        for name in ("commit", "rollback")
        for node in calls(path, name)
    ]
    assert offenders == []


def test_rules_do_no_input_and_output():
    forbidden = ("starlette", "sqlalchemy", "aiohttp", "asyncio", "time", "os", "secrets", "jinja2")
    offenders = [
        f"{path.relative_to(SRC)} imports {name}"
        for path in MODULES
        if path.name == "rules.py" or "rules" in path.parts
        for name in imported(path)
        if name.split(".")[0] in forbidden
    ]
    assert offenders == []


def test_a_transaction_holds_statements_only():
    """No hash, HTTP call, page or second connection is awaited while a transaction is open."""
    slow = {"digest", "matches", "post_form", "post_json", "patch_json", "get_json"}
    slow |= {"render", "exchange", "to_thread"}
    offenders = []
    for path in MODULES:
        for node in ast.walk(tree(path)):
            if not isinstance(node, ast.AsyncWith):
                continue
            opened = ast.unparse(node.items[0].context_expr)
            if not opened.endswith(".transaction()"):
                continue
            inside = ast.Module(body=node.body, type_ignores=[])
            offenders += [
                f"{where(path, call)} {name}"
                for call in ast.walk(inside)
                if isinstance(call, ast.Call)
                and isinstance(call.func, ast.Attribute)
                and (name := call.func.attr) in slow
            ]
    assert offenders == []


def test_a_redirect_never_takes_its_target_straight_from_the_request():
    """Lesson 71: `return_to` reaches `see_other` through `safe_return_url` only."""
    offenders = [
        where(path, node)
        for path in MODULES
        for name in ("see_other", "GoElsewhere", "RedirectResponse")
        for node in calls(path, name)
        for argument in node.args[:1]
        if not ast.unparse(argument).startswith("safe_return_url(")
        and any(word in ast.unparse(argument) for word in REQUEST_PARTS)
    ]
    assert offenders == []


def test_logs_are_events_with_fields_not_sentences():
    offenders = []
    for path in MODULES:
        for level in ("debug", "info", "warning", "error", "exception"):
            for node in calls(path, level):
                if not ast.unparse(node.func).startswith("log."):
                    continue
                event = node.args[0] if node.args else None
                good = isinstance(event, ast.Constant) and " " not in str(event.value)
                if not good or len(node.args) > 1:
                    offenders.append(where(path, node))
    assert offenders == []


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(SRC)))
def test_a_file_is_short_enough_to_read_in_one_go(path: Path):
    if path.name not in LONG_BY_NATURE:
        assert len(path.read_text().splitlines()) <= MOST_LINES


def test_no_password_or_token_is_made_outside_kernel_opaque():
    offenders = [
        f"{path.relative_to(SRC)} imports {name}"
        for path in MODULES
        for name in imported(path)
        if name.split(".")[0] in ("secrets", "random", "uuid")
        and path.relative_to(SRC) != Path("kernel/opaque.py")
    ]
    assert offenders == []
