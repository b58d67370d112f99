"""The file of a backup: gzipped JSON lines, told apart from a damaged or a changed one.

    {"format": "...", "system": ..., "schema": ..., "keys": [...]}      the header
    {"table": "users", "columns": ["id", ...]}                          then its rows
    ["ada-1", ...]
    {"rows": {"users": 1}, "sha256": "...", "mac": "..."}               the end

The checksum is over every line before the end, the mac is the checksum under `SECRET_KEY_BASE`:
nobody without it makes a file that is restored. Secrets in the rows stay sealed as they are.
"""

import gzip
import hashlib
import json
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from kernel.keyring import KeyRing

FORMAT = "live-agent-login-backup/1"
PURPOSE = "backup"
Values = list[Any]


class BackupError(Exception):
    """What is wrong with a backup or its target, and what to do, for the operator's eyes."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a backup is of. `keys` are the ids of the secrets that its sealed values may need."""

    format: str
    system: str
    schema: str
    engine: str
    made_at: str
    keys: list[str]
    tables: list[str]
    sequences: dict[str, int]


class Writer:
    """Writes beside the target and takes its name at the end: half a backup has never that name."""

    def __init__(self, path: Path, header: Header, keyring: KeyRing) -> None:
        self._path, self._part = path, path.with_name(path.name + ".part")
        self._header, self._keyring = header, keyring
        self._sum = hashlib.sha256()
        self.rows: dict[str, int] = {}
        self._table = ""

    def __enter__(self) -> "Writer":
        if self._path.exists():
            raise BackupError(f"{self._path} is there already. Name a new file.")
        try:
            # What lies there, left behind or put there by somebody else, has a mode of its own.
            self._part.unlink(missing_ok=True)
            raw = os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise BackupError(f"Cannot write {self._part}: {error.strerror}.") from error
        self._raw: IO[bytes] = os.fdopen(raw, "wb")
        self._file = gzip.GzipFile(fileobj=self._raw, mode="wb", compresslevel=6, filename="")
        self._line(asdict(self._header))
        return self

    def table(self, name: str, columns: list[str]) -> None:
        """The rows that follow are this table's."""
        self._table = name
        self.rows[name] = 0
        self._line({"table": name, "columns": columns})

    def row(self, values: Values) -> None:
        self.rows[self._table] += 1
        self._line(values)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        if kind is not None:
            self._file.close()
            self._raw.close()
            self._part.unlink(missing_ok=True)
            return
        checksum = self._sum.hexdigest()
        mac = self._keyring.mac(PURPOSE, checksum)
        self._line({"rows": self.rows, "sha256": checksum, "mac": mac})
        self._file.close()
        self._raw.flush()
        os.fsync(self._raw.fileno())
        self._raw.close()
        self._part.rename(self._path)

    def _line(self, value: object) -> None:
        line = json.dumps(value, ensure_ascii=True, separators=(",", ":")).encode() + b"\n"
        self._sum.update(line)
        self._file.write(line)


@dataclass(slots=True)
class Contents:
    """A file that was read to its end: it is whole, and its maker knew the secret."""

    header: Header
    rows: dict[str, int]


def read_header(path: Path) -> Header:
    """The first line; raises BackupError if the file is no backup."""
    with _lines(path) as lines:
        return _header(path, next(lines, b""))


def tables_of(path: Path) -> Iterator[tuple[str, list[str], Iterator[Values]]]:
    """Each table with its columns and its rows, as they are read; of a file that was checked."""
    with _lines(path) as lines:
        next(lines)
        following: list[dict[str, Any]] = []

        def rows() -> Iterator[Values]:
            for line in lines:
                value = json.loads(line)
                if isinstance(value, dict):
                    following.append(value)
                    return
                yield value

        for _ in rows():  # there is none between the header and the first table
            raise BackupError(f"{path} is damaged: a row without a table.")
        while following and "table" in following[-1]:
            about = following.pop()
            yield about["table"], about["columns"], rows()


def check(path: Path, keyring: KeyRing) -> Contents:
    """Read every line; raises BackupError unless the file is whole and made with our secret."""
    checksum, count, table = hashlib.sha256(), dict[str, int](), ""
    with _lines(path) as lines:
        first = next(lines, b"")
        header = _header(path, first)
        checksum.update(first)
        end: dict[str, Any] = {}
        for line in lines:
            if end:
                raise BackupError(f"{path} is damaged: it goes on after its end.")
            value = _json(path, line)
            if isinstance(value, dict) and "sha256" in value:
                end = value
                continue
            checksum.update(line)
            if isinstance(value, dict):
                table = str(value.get("table"))
                count[table] = 0
            else:
                count[table] = count.get(table, 0) + 1
    if not end:
        raise BackupError(f"{path} is damaged: its end is missing. Take an earlier backup.")
    if end["sha256"] != checksum.hexdigest() or end["rows"] != count:
        raise BackupError(f"{path} is damaged: the checksum differs. Take an earlier backup.")
    _check_keys(path, header, keyring)
    if not keyring.mac_matches(PURPOSE, end["sha256"], str(end.get("mac"))):
        raise BackupError(
            f"{path} was changed by somebody who does not know the secret: do not restore it."
        )
    return Contents(header, count)


def _check_keys(path: Path, header: Header, keyring: KeyRing) -> None:
    ours = keyring.ids()
    if header.keys[0] not in ours:
        raise BackupError(
            f"{path} was made with another SECRET_KEY_BASE: it needs the key {header.keys[0]}, and "
            f"SECRET_KEY_BASE and SECRET_KEY_BASE_PREVIOUS here are {', '.join(ours)}. Write the "
            "secret of that time into SECRET_KEY_BASE, or into SECRET_KEY_BASE_PREVIOUS."
        )


def _header(path: Path, line: bytes) -> Header:
    value = _json(path, line) if line else None
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise BackupError(f"{path} is no backup of this program.")
    try:
        return Header(**value)
    except TypeError as error:
        raise BackupError(f"{path} is damaged: its header is not complete.") from error


def _json(path: Path, line: bytes) -> Any:
    try:
        return json.loads(line)
    except ValueError as error:
        raise BackupError(f"{path} is damaged, or is no backup of this program.") from error


@contextmanager
def _lines(path: Path) -> Iterator[Iterator[bytes]]:
    try:
        with gzip.open(path, "rb") as file:
            yield iter(file)
    except gzip.BadGzipFile as error:
        raise BackupError(f"{path} is damaged, or is no backup of this program.") from error
    except (EOFError, zlib.error) as error:
        raise BackupError(f"{path} is damaged: it ends too early.") from error
    except OSError as error:
        raise BackupError(f"Cannot read {path}: {error.strerror}.") from error
