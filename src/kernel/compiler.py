"""From a statement of SQLAlchemy Core to the text and the parameters that a driver takes."""

from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.base import Executable


class Compiler:
    """SQL text and the order of its parameters, remembered for each statement object."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self._known: WeakKeyDictionary[Executable, tuple[str, list[str], dict[str, Any]]]
        self._known = WeakKeyDictionary()

    def __call__(self, statement: Executable, values: dict[str, object]) -> tuple[str, list[Any]]:
        known = self._known.get(statement)
        if known is None:
            # Lists of `IN` are written out; such a statement is made for one call and then gone.
            compiled: Any = statement.compile(  # type: ignore[attr-defined]
                dialect=self.dialect, compile_kwargs={"render_postcompile": True}
            )
            needed = {name for name, bind in compiled.binds.items() if bind.required}
            written = {k: v for k, v in compiled.params.items() if k not in needed}
            known = (str(compiled), list(compiled.positiontup or ()), written)
            self._known[statement] = known
        sql, order, written = known
        # A forgotten value is a KeyError here, never a silent NULL.
        return sql, [values[name] if name in values else written[name] for name in order]


def compiler_of_postgres() -> Compiler:
    """As asyncpg takes statements."""
    return Compiler(PGDialect_asyncpg(paramstyle="numeric_dollar"))  # type: ignore[no-untyped-call]


def compiler_of_sqlite() -> Compiler:
    """As sqlite3 takes them."""
    return Compiler(SQLiteDialect_pysqlite(paramstyle="qmark"))
