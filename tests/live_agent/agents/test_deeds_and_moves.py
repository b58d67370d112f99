"""An administrator's deed that meets the person's move."""

import asyncio

import pytest
from sqlalchemy import text

from kernel.db import Database
from kernel.problems import ProblemError
from live_agent.agents import actions as agents
from live_agent.agents import administration
from live_agent.agents.actions import Identity
from live_agent.agents.administration import By
from live_agent.problems import Problem
from support.office import ISSUER, Office

ADA = Identity(ISSUER, "ada-1", "ada@acme.example", "Ada", "en", ("agent",), 1)
WAITING = "SELECT count(*) AS many FROM pg_locks WHERE NOT granted"


async def somebody_waits(database: Database, deed: asyncio.Task[None]) -> None:
    """On SQLite whoever is second has not begun; on PostgreSQL they wait for a row."""
    if type(database).__name__ == "SQLite":
        await asyncio.sleep(0.05)
        return
    async with asyncio.timeout(30):
        while not deed.done():
            row = await database.one(text(WAITING))
            if row is not None and row["many"]:
                return
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("deed", ["change", "delete"])
async def test_whoever_moves_meanwhile_is_neither_changed_nor_deleted(office: Office, deed: str):
    """Read as an old user, written when it is one no more: nothing may happen, nor be noted."""
    old = await office.add_old_user()
    by = By("us_boss", office.account.id, may_manage=True)

    async def do() -> None:
        async with office.database.transaction() as tx:
            if deed == "delete":
                await administration.delete(tx, by, old, office.now)
            else:
                await administration.change(tx, by, old, "Eve", ["supervisor"], office.now)

    async with office.database.transaction() as tx:
        user = await agents.get(tx, office.account.id, old)
        assert user is not None
        assert await agents.link(tx, user, ADA, office.now, confirmed_by_mail=False)
        doing = asyncio.create_task(do())
        await somebody_waits(office.database, doing)
    with pytest.raises(ProblemError) as refused:
        await doing
    assert refused.value.problem is Problem.CREDENTIALS_ELSEWHERE
    assert (await office.user(old))["name"] == "Old Ada"
    assert await office.events("user.changed") == await office.events("user.deleted") == []
