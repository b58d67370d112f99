"""Many rows in one statement: they travel as one JSON parameter, and the engine takes them apart.

A statement so has the same text for one row and for a thousand, and is prepared once.

    rows = JsonRows("rows")
    insert(t).from_select(["id", "name"], select(rows.text("id"), rows.text("name")))
    await tx.one(statement, rows=as_json([{"id": ..., "name": ...}]))
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    String,
    Text,
    bindparam,
    cast,
    literal_column,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import TableValuedAlias
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class _Elements(FunctionElement[Any]):
    """The objects of a JSON array, one a row, in the column `value`."""

    inherit_cache = True
    name = "elements"


class _Member(FunctionElement[str]):
    """The member of such an object, as text."""

    inherit_cache = True
    name = "member"
    type = String()


@compiles(_Elements, "postgresql")
def _elements_of_postgres(element: _Elements, compiler: SQLCompiler, **kw: Any) -> str:
    return f"json_array_elements(CAST({compiler.process(element.clauses, **kw)} AS JSON))"


@compiles(_Elements, "sqlite")
def _elements_of_sqlite(element: _Elements, compiler: SQLCompiler, **kw: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **kw)})"


@compiles(_Member, "postgresql")
def _member_of_postgres(element: _Member, compiler: SQLCompiler, **kw: Any) -> str:
    value, name = element.clauses
    return f"({compiler.process(value, **kw)} ->> {compiler.process(name, **kw)})"


@compiles(_Member, "sqlite")
def _member_of_sqlite(element: _Member, compiler: SQLCompiler, **kw: Any) -> str:
    value, name = element.clauses
    path = f"'$.' || {compiler.process(name, **kw)}"
    return f"json_extract({compiler.process(value, **kw)}, {path})"


class JsonRows:
    """The rows of one parameter; `table` stands in FROM."""

    def __init__(self, parameter: str) -> None:
        given = bindparam(parameter, type_=Text)
        self.table: TableValuedAlias = _Elements(given).table_valued("value", name=parameter)

    def text(self, member: str) -> ColumnElement[str]:
        return _Member(self.table.c.value, literal_column(f"'{member}'"))

    def integer(self, member: str) -> ColumnElement[int]:
        return cast(self.text(member), Integer)

    def big(self, member: str) -> ColumnElement[int]:
        return cast(self.text(member), BigInteger)


def as_json(rows: Iterable[Mapping[str, object]]) -> str:
    """The value of the parameter."""
    return json.dumps(list(rows), separators=(",", ":"))
