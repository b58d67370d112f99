"""A backup that is damaged, foreign, of other tables or of another secret is not restored."""

import gzip
import hashlib
import json
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kernel.backup import actions, archive, rows
from kernel.backup.actions import Installation
from kernel.backup.archive import BackupError
from kernel.db import Database, open_database
from kernel.keyring import KeyRing
from live_agent.accounts import actions as accounts
from live_agent.db.features import metadata
from support.databases import Databases

NOW = 1_767_225_600
NAME = 'Mëtal & "Söhne" \\ 金属\u2028\x1f'


@pytest.fixture
def installation(database_url: str) -> Installation:
    return Installation(
        "live_agent", "live-agent", database_url, KeyRing("one", ("zero",)), metadata()
    )


@pytest.fixture
async def backup(installation: Installation, database: Database, tmp_path: Path) -> Path:
    async with database.transaction() as tx:
        for number in range(3):
            await accounts.create(tx, f"{NAME} {number}", None, NOW)
    path = tmp_path / "desk.backup"
    await actions.back_up(installation, path, NOW)
    return path


@pytest.fixture
def empty(installation: Installation, databases: Databases, engine: str) -> Installation:
    """The same secrets before a new database."""
    return replace(installation, url=databases.fresh(engine, "live_agent"))


def lines_of(path: Path) -> list[bytes]:
    return gzip.decompress(path.read_bytes()).splitlines()


def keep(path: Path, lines: list[bytes]) -> None:
    path.write_bytes(gzip.compress(b"".join(lines)))


def spoil(path: Path, damage: Callable[[bytes], bytes]) -> None:
    path.write_bytes(damage(path.read_bytes()))


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def test_every_value_comes_back_as_it_was(
    empty: Installation, backup: Path, database: Database
):
    before = [account.name for account in await accounts.list_accounts(database)]
    contents = await actions.restore(empty, backup)
    assert contents.rows["accounts"] == 3
    restored = await open_database(empty.url)
    assert [account.name for account in await accounts.list_accounts(restored)] == before
    async with restored.transaction() as tx:
        made = await accounts.create(tx, "The next one", None, NOW)
    assert made.id == 4
    await restored.close()


async def test_the_file_is_for_its_owner_alone_and_says_which_keys_it_needs(
    installation: Installation, backup: Path
):
    assert mode_of(backup) == 0o600
    header = archive.read_header(backup)
    assert header.keys == installation.keyring.ids()
    assert len(header.keys) == 2
    assert sorted(path.name for path in backup.parent.iterdir() if "backup" in path.name) == [
        backup.name
    ]


async def test_a_file_that_is_there_is_never_written_over(installation: Installation, backup: Path):
    before = lines_of(backup)
    with pytest.raises(BackupError, match="is there already"):
        await actions.back_up(installation, backup, NOW)
    assert lines_of(backup) == before


async def test_what_lies_where_it_is_written_is_not_written_into(
    installation: Installation, tmp_path: Path
):
    """A file that others can read, or a link that somebody made beforehand."""
    theirs = tmp_path / "theirs"
    theirs.write_text("")
    theirs.chmod(0o644)
    (tmp_path / "one.backup.part").write_text("half of an earlier one")
    (tmp_path / "one.backup.part").chmod(0o644)
    (tmp_path / "two.backup.part").symlink_to(theirs)
    for name in ("one.backup", "two.backup"):
        await actions.back_up(installation, tmp_path / name, NOW)
        assert mode_of(tmp_path / name) == 0o600
        assert not (tmp_path / name).is_symlink()
    assert theirs.read_text() == ""


async def test_a_database_with_rows_is_not_filled(installation: Installation, backup: Path):
    with pytest.raises(BackupError, match=r"not empty \(accounts: 3\)"):
        await actions.restore(installation, backup)


async def test_a_restore_that_breaks_off_leaves_nothing(empty: Installation, backup: Path):
    """The last table's rows do not fit: what came before is undone."""
    body = [json.loads(line) for line in lines_of(backup)]
    twice = next(number for number, line in enumerate(body) if isinstance(line, list))
    body.insert(twice, body[twice])  # the same id a second time
    keep(backup, signed(empty.keyring, body))
    with pytest.raises(BackupError, match="accounts does not take its rows"):
        await actions.restore(empty, backup)
    restored = await open_database(empty.url)
    assert await accounts.list_accounts(restored) == []
    await restored.close()


def rewritten(keyring: KeyRing, lines: list[bytes], change: Callable[[str], str]) -> list[bytes]:
    """The file of somebody who knows the secret."""
    return signed(keyring, [json.loads(change(line.decode())) for line in lines[:-1]])


def signed(keyring: KeyRing, body: list[Any]) -> list[bytes]:
    body = [one for one in body if not (isinstance(one, dict) and "sha256" in one)]
    lines = [json.dumps(one, separators=(",", ":")).encode() + b"\n" for one in body]
    count: dict[str, int] = {}
    table = ""
    for one in body[1:]:
        if isinstance(one, dict):
            table = one["table"]
            count[table] = 0
        else:
            count[table] += 1
    checksum = hashlib.sha256(b"".join(lines)).hexdigest()
    end = {"rows": count, "sha256": checksum, "mac": keyring.mac("backup", checksum)}
    return [*lines, json.dumps(end).encode() + b"\n"]


def cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


def flipped(data: bytes) -> bytes:
    """One bit of a value, with a gzip that is right again."""
    return gzip.compress(gzip.decompress(data).replace(b"Acme", b"Acne").replace(b" 1", b" 7", 1))


def without_end(data: bytes) -> bytes:
    return gzip.compress(b"".join(gzip.decompress(data).splitlines(keepends=True)[:-1]))


def with_more(data: bytes) -> bytes:
    return gzip.compress(gzip.decompress(data) + b'["one more"]\n')


def foreign(data: bytes) -> bytes:
    return b"PGDMP" + data


def of_something_else(_data: bytes) -> bytes:
    return gzip.compress(b"{}\n")


def empty_file(_data: bytes) -> bytes:
    return b""


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (cut, "ends too early"),
        (flipped, "checksum differs"),
        (without_end, "its end is missing"),
        (with_more, "goes on after its end"),
        (foreign, "is no backup of this program"),
        (of_something_else, "is no backup of this program"),
        (empty_file, "is no backup of this program"),
    ],
)
async def test_damage_is_found_before_anything_is_written(
    empty: Installation, backup: Path, damage: Callable[[bytes], bytes], said: str
):
    spoil(backup, damage)
    with pytest.raises(BackupError, match=said):
        await actions.restore(empty, backup)


async def test_a_changed_file_with_a_right_checksum_is_refused(empty: Installation, backup: Path):
    """Whoever has the file and not the secret cannot make themselves an account in it."""
    lines = lines_of(backup)
    forged = rewritten(KeyRing("not the secret"), lines, lambda text: text.replace(" 1", " 7"))
    keep(backup, forged)
    with pytest.raises(BackupError, match="does not know the secret"):
        await actions.restore(empty, backup)


async def test_another_secret_is_named_by_its_id(empty: Installation, backup: Path):
    other = replace(empty, keyring=KeyRing("another one"))
    with pytest.raises(BackupError, match="SECRET_KEY_BASE") as refused:
        await actions.restore(other, backup)
    assert empty.keyring.ids()[0] in str(refused.value)
    later = replace(empty, keyring=KeyRing("two", ("one",)))  # rotated since: readable
    contents = await actions.restore(later, backup)
    assert actions.missing_keys(later, contents) == KeyRing("zero").ids()


async def test_tables_of_another_version_are_named(empty: Installation, backup: Path):
    lines = lines_of(backup)
    old = f'"schema":"{empty.schema}"'
    older = rewritten(empty.keyring, lines, lambda text: text.replace(old, '"schema":"0001"'))
    keep(backup, older)
    with pytest.raises(BackupError, match=f"version 0001, this program those of {empty.schema}"):
        await actions.restore(empty, backup)


async def test_the_other_systems_backup_is_told_apart(empty: Installation, backup: Path):
    other = replace(empty, package="cognigy_ai", command="cognigy-ai")
    with pytest.raises(BackupError, match="is a backup of live-agent"):
        await actions.restore(other, backup)


async def test_what_cannot_be_read_or_written_is_said(installation: Installation, tmp_path: Path):
    with pytest.raises(BackupError, match=r"Cannot read .*: No such file"):
        actions.verify(installation, tmp_path / "nothing")
    with pytest.raises(BackupError, match=r"folder .* is not there"):
        await actions.back_up(installation, tmp_path / "none" / "file", NOW)
    (tmp_path / "folder.part").mkdir()
    with pytest.raises(BackupError, match="Cannot write"):
        await actions.back_up(installation, tmp_path / "folder", NOW)


async def test_a_backup_is_of_one_moment(
    installation: Installation, database: Database, tmp_path: Path
):
    """Rows that are written while it is made are in no table of it."""
    async with database.transaction() as tx:
        await accounts.create(tx, "Before", None, NOW)
    async with rows.snapshot(installation.url, tmp_path) as source:
        assert await source.sequences(installation.tables) == {"accounts.id": 1}
        async with database.transaction() as tx:
            await accounts.create(tx, "Meanwhile", None, NOW)
        found = [row async for row in source.rows(installation.metadata.tables["accounts"])]
    assert [row[1] for row in found] == ["Before"]
