"""An account with 200 old users in every state, and what the platform says of its people."""

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import insert

from kernel.emails import email_key
from live_agent.db import tables
from live_agent.moves import actions as moves
from live_agent.moves import mover
from live_agent.moves.actions import Move, Overview, State
from live_agent.moves.mover import Mover
from live_agent.platform_people.rules import loose_key
from support.office import ISSUER, Office

# How many of the 200 are in which state.
STATES = {
    State.READY: 60,
    State.NO_PLATFORM_ACCOUNT: 40,
    State.EMAIL_DIFFERS: 8,
    State.ROLE_MISSING: 20,
    State.EMAIL_NOT_VERIFIED: 15,
    State.DISABLED_THERE: 5,
    State.DISABLED_HERE: 5,
    State.AMBIGUOUS: 10,  # five pairs
    State.CONFLICT: 7,
    State.DONE: 30,
}


@dataclass
class Town:
    """The office, with the rows of its users and of the platform's people before they are kept."""

    office: Office
    people: list[dict[str, Any]] = field(default_factory=list)
    users: list[dict[str, Any]] = field(default_factory=list)

    @property
    def account_id(self) -> int:
        return self.office.account.id

    def add_user(self, word: str, **changes: Any) -> str:
        email = changes.pop("email", f"{word}@acme.example")
        self.users.append(
            {
                "id": f"us_{word}", "account_id": self.account_id, "issuer": None, "subject": None,
                "email": email, "email_key": email_key(email), "name": word.title(), "locale": "en",
                "roles": "agent", "presence": "online", "confirmed_at": self.office.now,
                "password_digest": "$argon2id$none", "access_revision": 0,
                "created_at": self.office.now - 30 * 86_400, "moved_at": None,
                "last_login_at": None, "last_login_method": None, "disabled_at": None,
                "purged_at": None, "erase_at": None,
            }
            | changes
        )  # fmt: skip
        return f"us_{word}"

    def add_person(self, word: str, **changes: Any) -> None:
        email = changes.pop("email", f"{word}@acme.example")
        self.people.append(
            {
                "account_id": self.account_id, "subject": f"sub-{word}", "email": email,
                "email_key": email_key(email), "loose_key": loose_key(email), "email_verified": 1,
                "name": word.title(), "locale": "en", "roles": "agent", "access_revision": 1,
                "disabled": 0,
            }
            | changes
        )  # fmt: skip

    async def keep(self) -> None:
        """Everybody as rows, as if the platform had just been asked."""
        database, now = self.office.database, self.office.now
        async with database.transaction() as tx:
            for row in self.users:
                await tx.one(insert(tables.users), **whole("users", row))
            for row in self.people:
                await tx.one(insert(tables.platform_people), **row)
            await tx.one(
                insert(tables.platform_readings),
                account_id=self.account_id, asked_at=now, leased_until=0, read_at=now,
                people=len(self.people), failure=None, failed_at=None,
            )  # fmt: skip

    def mover(self) -> Mover:
        """As each process has one."""
        state = self.office.state
        return Mover(
            mover.Means(
                state.database,
                state.clock,
                state.outbox,
                state.courier,
                state.readings.directory,
                state.settings.issuer,
            )
        )

    async def look(self) -> Overview:
        office = self.office
        return await moves.look(office.database, office.account, ISSUER, office.now)

    async def states(self) -> Counter[State]:
        return Counter(move.state for move in (await self.look()).moves)

    async def move_of(self, user_id: str) -> Move:
        return next(move for move in (await self.look()).moves if move.user.id == user_id)


def fill(town: Town) -> None:  # noqa: C901 - one loop for each state
    """200 old users."""
    add, person, linked = town.add_user, town.add_person, {"issuer": ISSUER}
    for n in range(60):
        add(f"ready{n}", confirmed_at=None if n % 10 == 0 else 1)
        person(f"ready{n}", roles="supervisor" if n % 7 == 0 else "agent")
    for n in range(40):
        add(f"nobody{n}")
    for n in range(8):
        add(f"differs{n}", email=f"d iffers{n}@acme.example")
        person(f"differs{n}")
    for n in range(20):
        add(f"norole{n}")
        person(f"norole{n}", roles="")
    for n in range(15):
        add(f"unverified{n}")
        person(f"unverified{n}", email_verified=0)
    for n in range(5):
        add(f"offthere{n}")
        person(f"offthere{n}", disabled=1)
        add(f"offhere{n}", disabled_at=1)
        person(f"offhere{n}")
        for twin in "ab":
            add(f"twin{n}{twin}", email=f"twin{n}@acme.example")
        person(f"twin{n}")
    for n in range(7):
        add(f"taken{n}")
        person(f"taken{n}", subject=f"sub-other{n}")
        add(f"owner{n}", subject=f"sub-other{n}", email=f"owner{n}@acme.example",
            password_digest=None, **linked)  # fmt: skip
    for n in range(30):
        at = town.office.now - n * 86_400 // 2
        add(f"done{n}", subject=f"sub-done{n}", moved_at=at, password_digest=None,
            last_login_method="cognigy", last_login_at=at, **linked)  # fmt: skip
        person(f"done{n}")


def whole(table: str, row: dict[str, Any]) -> dict[str, Any]:
    """With every column of the table: what the row does not name is empty."""

    def empty(column: Any) -> Any:
        return None if column.nullable else column.type.python_type()

    columns = tables.metadata.tables[table].c
    return {column.name: empty(column) for column in columns} | row


async def add_conflict(town: Town, *user_ids: str) -> None:
    async with town.office.database.transaction() as tx:
        await tx.one(
            insert(tables.conflicts),
            **whole("conflicts", dict(
            id="cf_1", account_id=town.account_id, kind="other_subject", issuer=ISSUER,
            subject="x", email_key="x@acme.example", user_ids=json.dumps(user_ids),
            reference="ABCDEFGHIJKL", first_at=1, last_at=1, times=1, resolved_at=None,)),
        )  # fmt: skip
