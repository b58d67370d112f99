"""What the drivers say when something is wrong, in our words. `kernel.db` passes them on."""

import sqlite3

import asyncpg

# PostgreSQL, appendix A: what another attempt, or the operator, mends; no fault of a statement.
UNAVAILABLE_STATES = (
    "08",  # connection exception
    "25006",  # read-only transaction: the server has become a replica
    "28",  # invalid authorization
    "3D",  # invalid catalog name
    "40",  # transaction rollback: deadlock, serialization
    "53",  # insufficient resources
    "57",  # operator intervention: shutdown, crash, cancelled
)
UNAVAILABLE_CODES = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)


class UniqueViolation(Exception):  # noqa: N818 - named as the databases name it
    """A row with that key exists already; the transaction can only be left."""


class DatabaseUnavailable(Exception):  # noqa: N818 - a state, told to people as "busy"
    """The database did not answer: not reachable, restarting, or locked for too long."""


class postgres_faults:  # noqa: N801 - reads as a statement where it is used
    """Names the driver's faults as ours."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, asyncpg.UniqueViolationError):
            raise UniqueViolation(error.constraint_name) from error
        # OSError is also TimeoutError: no connection, no answer.
        if isinstance(error, OSError | asyncpg.InterfaceError) or (
            isinstance(error, asyncpg.PostgresError)
            and (error.sqlstate or "").startswith(UNAVAILABLE_STATES)
        ):
            raise DatabaseUnavailable(type(error).__name__) from error
