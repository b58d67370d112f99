"""An administrator of Acme who imports lists of people."""

from dataclasses import dataclass

import pytest

from cognigy_ai.imports import actions as imports
from cognigy_ai.imports.reading import read_file
from cognigy_ai.imports.rules import Import, Row
from cognigy_ai.imports.worker import Importer
from cognigy_ai.users import actions as users
from cognigy_ai.users.rules import User
from support.platform import ACME, Platform


@dataclass
class Office:
    """`platform`, and the person who uploads."""

    platform: Platform
    admin: User

    @property
    def importer(self) -> Importer:
        importer: Importer = self.platform.app.state.importer
        return importer

    async def check(self, text: str, by: User | None = None) -> str:
        """Upload a file; returns the import's id."""
        state = self.platform.app.state
        lines = read_file(text.encode())
        by = by or self.admin
        return await imports.check(
            state.database, state.keyring, by, "people.csv", lines, self.platform.now
        )

    async def start(self, import_id: str, by: User | None = None, *, invite: bool = False) -> None:
        async with self.platform.database.transaction() as tx:
            await imports.start(tx, by or self.admin, import_id, self.platform.now, invite=invite)

    async def run(self, text: str, *, invite: bool = False) -> str:
        """Check, start and carry out."""
        import_id = await self.check(text)
        await self.start(import_id, invite=invite)
        assert await self.importer.work()
        return import_id

    async def get(self, import_id: str) -> Import:
        return await imports.get(self.platform.database, ACME, import_id)

    async def rows(self, import_id: str, **asked: object) -> list[Row]:
        found = await self.get(import_id)
        state = self.platform.app.state
        page = await imports.list_rows(state.database, state.keyring, found, **asked)  # type: ignore[arg-type]
        return list(page.rows)

    async def fates(self, import_id: str) -> list[tuple[str, str]]:
        return [(row.fate, row.detail) for row in await self.rows(import_id)]

    async def person(self, email: str) -> User:
        return await users.get_by_email(self.platform.database, email, ACME)

    async def people(self) -> list[str]:
        return [user.email for user in await users.list_users(self.platform.database, ACME)]


@pytest.fixture
async def office(acme: Platform) -> Office:
    return Office(acme, await acme.add_user("boss@acme.example", name="The Boss", roles=("admin",)))
