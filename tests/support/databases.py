"""Fresh migrated databases for tests: a copy of one that was migrated once."""

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

from support.postgres import Server


class Databases:
    """Makes databases of both engines and removes them again."""

    def __init__(self, postgres: Callable[[], Server], folder: Path) -> None:
        self._postgres = postgres  # started when the first test asks for it
        self._folder = folder
        self._numbers = count(1)
        self._templates: dict[tuple[str, str], str] = {}
        self._made: list[str] = []

    def fresh(self, engine: str, package: str) -> str:
        """The address of a new database with the tables of `cognigy_ai` or `live_agent`."""
        template = self._template(engine, package)
        name = f"{package}_{next(self._numbers)}"
        if engine == "sqlite":
            path = self._folder / f"{name}.db"
            shutil.copyfile(template, path)
            return f"sqlite:///{path}"
        self._made.append(name)
        return self._postgres().create_database(name, template)

    def empty(self, engine: str) -> str:
        """The address of a new database without any table."""
        name = f"empty_{next(self._numbers)}"
        if engine == "sqlite":
            return f"sqlite:///{self._folder / name}.db"
        self._made.append(name)
        return self._postgres().create_database(name)

    def drop_made(self) -> None:
        """Remove what the last test was given."""
        while self._made:
            self._postgres().drop_database(self._made.pop())

    def _template(self, engine: str, package: str) -> str:
        from kernel import migrations

        key = (engine, package)
        if key not in self._templates:
            name = f"template_{package}"
            if engine == "sqlite":
                path = self._folder / f"{name}.db"
                _in_thread(migrations.upgrade, f"sqlite:///{path}", package)
                _fold_in_journal(path)
                self._templates[key] = str(path)
            else:
                _in_thread(migrations.upgrade, self._postgres().create_database(name), package)
                self._templates[key] = name
        return self._templates[key]


def _in_thread(function: Callable[[str, str], object], url: str, package: str) -> None:
    """An upgrade has an event loop of its own, and the caller may be within one."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(function, url, package).result()


def _fold_in_journal(path: Path) -> None:
    """Leave everything in the one file that is copied."""
    import sqlite3

    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
