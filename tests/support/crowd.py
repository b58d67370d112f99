"""Many people at once, straight through the driver: what lists are measured and judged with.

Of every thousand people seven are called Zebedee, two are administrators, forty disabled, thirty
without a password and fifty never came; most are agents. Three hundred work in the south, and
three hundred others manage users. The same number makes the same people.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

import asyncpg

from kernel.words import search_words, sort_key
from support.clock import JANUARY_2026
from support.platform import ACME

FIRST = (
    "Ada", "Alan", "Barbara", "Carl", "Dorothy", "Edsger", "Frances", "Grace", "Hedy", "Ivan",
    "Jean", "Ken", "Leslie", "Margaret", "Niklaus", "Ole", "Peggy", "Radia", "Sophie", "Tim",
)  # fmt: skip
LAST = (
    "Allen", "Backus", "Cerf", "Dijkstra", "Engelbart", "Floyd", "Goldberg", "Hopper", "Iverson",
    "Johnson", "Knuth", "Lamport", "McCarthy", "Naur", "Ousterhout", "Perlman", "Ritchie",
    "Sutherland", "Thompson", "Wirth", "Zuse",
)  # fmt: skip
BATCH = 5000
USERS = (
    "id", "organisation_id", "email", "email_key", "email_verified", "name", "name_key", "keyed_as",
    "locale", "password_digest", "access_revision", "created_at", "last_login_at", "last_active_at",
    "disabled_at",
)  # fmt: skip
WORDS = ("organisation_id", "word", "user_id")
ROLES = ("user_id", "role", "organisation_id")
Rows = list[tuple[object, ...]]


@dataclass
class Batch:
    """Rows of the three tables."""

    users: Rows
    user_words: Rows
    user_roles: Rows


def crowd(size: int, organisation: str = ACME) -> Iterator[Batch]:
    """The people in batches, in an order that is not the one of any list."""
    for start in range(0, size, BATCH):
        batch = Batch([], [], [])
        for number in range(start, min(size, start + BATCH)):
            _add(batch, number, organisation)
        yield batch


async def seed_crowd(url: str, size: int, organisation: str = ACME) -> None:
    """Into a migrated database whose organisation exists; the planner's statistics are made."""
    if url.startswith("sqlite:///"):
        _into_sqlite(url.removeprefix("sqlite:///"), size, organisation)
    else:
        await _into_postgres(url, size, organisation)


def _add(batch: Batch, number: int, organisation: str) -> None:
    mixed = number * 7919 % 1_000_003  # spreads neighbours over every order
    permille = number % 1000
    first = "Zebedee" if permille < 7 else FIRST[mixed % len(FIRST)]
    name = f"{first} {LAST[mixed // 20 % len(LAST)]}"
    place = "south.acme" if 100 <= permille < 400 else "acme"
    email = f"{name.replace(' ', '.').lower()}.{number}@{place}.example"
    user_id = f"{mixed:012x}{number:011x}{organisation[0]}"
    came = None if permille >= 950 else JANUARY_2026 - mixed
    batch.users.append((
        user_id, organisation, email, email, 1, name, sort_key(name), f"{name} {email}",
        "en",
        None if 900 <= permille < 930 else "$none", 1, JANUARY_2026 - 1000, came, came or 0,
        JANUARY_2026 if 10 <= permille < 50 else None,
    ))  # fmt: skip
    batch.user_words += [(organisation, word, user_id) for word in search_words(name, email)]
    roles = ["base_role"]
    if permille % 500 == 499:
        roles.append("admin")
    roles.append("liveAgentSupervisor" if permille % 50 == 7 else "liveAgentAgent")
    if 400 <= permille < 700:
        roles.append("userManager")
    if organisation != ACME:
        roles.append("odata")
    batch.user_roles += [(user_id, role, organisation) for role in roles]


def _into_sqlite(path: str, size: int, organisation: str) -> None:
    connection = sqlite3.connect(path)
    with connection:
        for batch in crowd(size, organisation):
            for table, columns in (("users", USERS), ("user_words", WORDS), ("user_roles", ROLES)):
                marks = ", ".join("?" * len(columns))
                connection.executemany(
                    f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})",
                    getattr(batch, table),
                )
    connection.close()


async def _into_postgres(url: str, size: int, organisation: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        for batch in crowd(size, organisation):
            for table, columns in (("users", USERS), ("user_words", WORDS), ("user_roles", ROLES)):
                await connection.copy_records_to_table(
                    table, records=getattr(batch, table), columns=columns
                )
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()
