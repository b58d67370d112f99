"""The tests' own tools do what the tests rely on."""

import os
import socket
from pathlib import Path

import asyncpg
import pytest

from support.chromium import launch_options
from support.databases import Databases
from support.postgres import Server


async def test_a_copied_database_has_what_its_template_had(postgres: Server) -> None:
    connection = await asyncpg.connect(postgres.create_database("a_template"))
    await connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
    await connection.close()
    connection = await asyncpg.connect(postgres.create_database("a_copy", "a_template"))
    assert await connection.fetchval("SELECT number FROM kept") == 7
    await connection.close()
    for name in ("a_copy", "a_template"):
        postgres.drop_database(name)


def test_postgres_never_runs_as_root(postgres: Server) -> None:
    assert Path(f"/proc/{postgres.pid}").stat().st_uid != 0 or os.geteuid() != 0


async def test_postgres_asks_for_its_password(postgres: Server) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(postgres.url().replace(postgres.password, "another"))


def test_a_connection_to_another_machine_ends_the_test() -> None:
    with socket.socket() as outward, pytest.raises(pytest.fail.Exception, match=r"192\.0\.2\.1"):
        outward.connect(("192.0.2.1", 80))


def test_there_is_a_browser() -> None:
    assert Path(str(launch_options()["executable_path"])).exists()


async def test_a_used_database_is_as_new_for_the_next_test(databases: Databases) -> None:
    add = "INSERT INTO accounts (name, oauth_login, linking, created_at) VALUES ('a', 1, 1, 1)"
    url = databases.fresh("postgresql", "live_agent")
    used = await asyncpg.connect(url)
    assert await used.fetchval(f"{add} RETURNING id") == 1
    assert await used.execute("DELETE FROM alembic_version") == "DELETE 1"
    databases.take_back()
    assert databases.fresh("postgresql", "live_agent") == url
    again = await asyncpg.connect(url)
    assert await again.fetchval("SELECT count(*) FROM alembic_version") == 1
    assert await again.fetchval(f"{add} RETURNING id") == 1
    with pytest.raises(asyncpg.InterfaceError):  # it belongs to another test now
        await used.execute(add)
    await again.execute("CREATE INDEX slow ON accounts (name)")
    databases.take_back()
    assert databases.fresh("postgresql", "live_agent") != url
    await again.close()
