"""Fresh migrated databases for tests: a copy of one that was migrated once.

On PostgreSQL the copy is used again, renewed, by a later test.
"""

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

from support.postgres import Server
from support.renewal import Newness, newness_of, renew


class Databases:
    """Makes databases of both engines and removes them again."""

    def __init__(self, postgres: Callable[[], Server], folder: Path) -> None:
        self._postgres = postgres  # started when the first test asks for it
        self._folder = folder
        self._numbers = count(1)
        self._templates: dict[tuple[str, str], str] = {}
        self._made: list[tuple[str, str | None]] = []  # name, package
        self._renewed: dict[str, list[str]] = {}
        self._newness: dict[str, Newness] = {}

    def fresh(self, engine: str, package: str) -> str:
        """The address of a new database with the tables of `cognigy_ai` or `live_agent`."""
        template = self._template(engine, package)
        if engine == "postgresql" and self._renewed.get(package):
            name = self._renewed[package].pop()
            self._made.append((name, package))
            return self._postgres().url(name)
        name = f"{package}_{next(self._numbers)}"
        if engine == "sqlite":
            path = self._folder / f"{name}.db"
            shutil.copyfile(template, path)
            return f"sqlite:///{path}"
        self._made.append((name, package))
        return self._postgres().create_database(name, template)

    def empty(self, engine: str) -> str:
        """The address of a new database without any table."""
        name = f"empty_{next(self._numbers)}"
        if engine == "sqlite":
            return f"sqlite:///{self._folder / name}.db"
        self._made.append((name, None))
        return self._postgres().create_database(name)

    def take_back(self) -> None:
        """Remove what the last test was given, or make it as new for another one."""
        while self._made:
            name, package = self._made.pop()
            if package and renew(self._postgres().url(name), self._newness[package]):
                self._renewed.setdefault(package, []).append(name)
            else:
                self._postgres().drop_database(name)

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
                url = self._postgres().create_database(name)
                _in_thread(migrations.upgrade, url, package)
                self._newness[package] = newness_of(url)
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
