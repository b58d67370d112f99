"""The database's clock, where whole seconds are too coarse: durations across systems.

Everything that decides something uses `kernel.clock`.
"""

from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class Milliseconds(FunctionElement[int]):
    """When the statement began, in milliseconds since 1970; the same in all of its rows."""

    inherit_cache = True
    name = "milliseconds"
    type = BigInteger()


@compiles(Milliseconds, "postgresql")
def _of_postgres(_element: Milliseconds, _compiler: SQLCompiler, **_kw: Any) -> str:
    return "CAST(extract(epoch FROM statement_timestamp()) * 1000 AS BIGINT)"


@compiles(Milliseconds, "sqlite")
def _of_sqlite(_element: Milliseconds, _compiler: SQLCompiler, **_kw: Any) -> str:
    return "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"
