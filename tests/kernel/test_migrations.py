"""Starting against the wrong schema names the command; upgrading is safe twice and at once."""

import asyncio
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from kernel import migrations
from kernel.db import open_database
from kernel.migrations import (
    SchemaMismatch,
    check_same_schema,
    check_schema,
    known_versions,
    upgrade,
)
from support.databases import Databases

ENVIRONMENT = """
from alembic import context
context.configure(connection=context.config.attributes["connection"], target_metadata=None)
with context.begin_transaction():
    context.run_migrations()
"""
REVISION = """
from alembic import op
revision, down_revision = "{number}", {before}
{head}
def upgrade():
    op.execute("CREATE TABLE table_{number} (id INTEGER)")
    {more}
"""


class Package:
    """An application's package with migrations, made in a folder of the test."""

    name = "app_of_this_test"

    def __init__(self, folder: Path) -> None:
        self.versions = folder / self.name / "db" / "migrations" / "versions"
        self.versions.mkdir(parents=True)
        (folder / self.name / "__init__.py").touch()
        (self.versions.parent / "env.py").write_text(ENVIRONMENT)
        (self.versions.parent / "script.py.mako").touch()

    def add(self, number: int, more: str = "", head: str = "") -> None:
        before = f'"{number - 1:04}"' if number > 1 else None
        code = REVISION.format(number=f"{number:04}", before=before, more=more, head=head)
        (self.versions / f"{number:04}_what_it_does.py").write_text(code)

    def forget(self, number: int) -> None:
        """From now on this is the program before that migration."""
        (self.versions / f"{number:04}_what_it_does.py").unlink()


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Package]:
    monkeypatch.syspath_prepend(tmp_path)
    made = Package(tmp_path)
    made.add(1)
    yield made
    sys.modules.pop(Package.name, None)


async def mismatch(url: str) -> str | None:
    database = await open_database(url)
    try:
        await check_schema(database, Package.name, "live-agent")
    except SchemaMismatch as error:
        return str(error)
    finally:
        await database.close()
    return None


async def run_upgrade(url: str) -> tuple[str | None, str]:
    return await asyncio.to_thread(upgrade, url, Package.name)


async def test_an_empty_database_names_the_command(database_url: str, package: Package) -> None:
    assert await mismatch(database_url) == (
        "The database has no tables yet. Run: live-agent database upgrade"
    )


async def test_an_upgrade_makes_it_fit_and_a_second_one_does_nothing(
    database_url: str, package: Package
) -> None:
    assert await run_upgrade(database_url) == (None, "0001")
    assert await mismatch(database_url) is None
    assert await run_upgrade(database_url) == ("0001", "0001")


async def test_an_older_database_names_both_versions(database_url: str, package: Package) -> None:
    await run_upgrade(database_url)
    package.add(2)
    assert known_versions(Package.name) == ["0001", "0002"]
    said = await mismatch(database_url)
    assert said == (
        "The database is at version 0001, this program needs 0002. Run: live-agent database upgrade"
    )
    assert await run_upgrade(database_url) == ("0001", "0002")
    assert await mismatch(database_url) is None


async def test_a_program_runs_on_what_a_newer_one_has_expanded_and_says_so(
    database_url: str, package: Package
) -> None:
    package.add(2)
    await run_upgrade(database_url)
    package.forget(2)
    with capture_logs() as logs:
        assert await mismatch(database_url) is None
    assert [(log["event"], log["database"], log["program"]) for log in logs] == [
        ("database_is_newer", "0002", "0001")
    ]
    assert await run_upgrade(database_url) == ("0002", "0002")  # a rollback's migration job
    assert await mismatch(database_url) is None


async def test_a_program_does_not_run_on_what_a_newer_one_has_contracted(
    database_url: str, package: Package
) -> None:
    package.add(2)
    package.add(3, head='oldest_program = "0002"')
    package.add(4)
    await run_upgrade(database_url)
    package.forget(4)
    package.forget(3)
    assert await mismatch(database_url) is None  # 0002 may still run
    package.forget(2)
    said = await mismatch(database_url)
    assert said is not None
    assert said.startswith("The database is at version 0004, which is newer than this program")
    assert "(0001) can work with" in said
    assert "live-agent" in said
    await run_upgrade(database_url)
    assert await mismatch(database_url) == said  # the old job has not opened the door


async def test_a_backup_is_not_made_by_a_program_that_does_not_know_all_tables(
    database_url: str, package: Package
) -> None:
    package.add(2)
    await run_upgrade(database_url)
    package.forget(2)
    database = await open_database(database_url)
    with pytest.raises(SchemaMismatch, match="newer than this program"):
        await check_same_schema(database, Package.name, "live-agent")
    await database.close()


async def test_a_newer_database_that_says_nothing_is_refused(
    database_url: str, package: Package
) -> None:
    package.add(2)
    await run_upgrade(database_url)
    package.forget(2)
    database = await open_database(database_url)
    await database.one(text("ALTER TABLE alembic_version DROP COLUMN oldest_program"))
    await database.close()
    assert "newer than this program" in (await mismatch(database_url) or "")
    package.add(2)
    assert await mismatch(database_url) is None
    await run_upgrade(database_url)  # nothing new, but from now on it says it
    package.forget(2)
    assert await mismatch(database_url) is None


async def test_an_upgrade_that_fails_leaves_everything_as_it_was(
    database_url: str, package: Package
) -> None:
    package.add(2, more='op.execute("BROKEN")')
    with pytest.raises(Exception, match="BROKEN"):
        await run_upgrade(database_url)
    assert await mismatch(database_url) == (
        "The database has no tables yet. Run: live-agent database upgrade"
    )
    database = await open_database(database_url)
    with pytest.raises(Exception, match="table_0001"):
        await database.one(text("SELECT 1 FROM table_0001"))
    await database.close()


async def test_of_four_upgrades_at_once_one_does_it_and_all_succeed(
    engine: str, databases: Databases, package: Package, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = databases.empty(engine)
    programs = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            f"from kernel.migrations import upgrade; print(upgrade({url!r}, {Package.name!r}))",
            stdout=asyncio.subprocess.PIPE,
            env={"PYTHONPATH": str(package.versions.parents[3]), "PATH": "/usr/bin:/bin"},
        )
        for _ in range(4)
    ]
    said = [(await program.communicate())[0].decode() for program in programs]
    assert sorted(said) == ["('0001', '0001')\n"] * 3 + ["(None, '0001')\n"]


def test_a_new_sqlite_file_is_for_its_owner(tmp_path: Path, package: Package) -> None:
    path = tmp_path / "new.db"
    assert migrations.upgrade(f"sqlite:///{path}", Package.name) == (None, "0001")
    assert path.stat().st_mode & 0o777 == 0o600
    assert sqlite3.connect(path).execute("SELECT count(*) FROM table_0001").fetchone() == (0,)
