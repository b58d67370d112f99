"""Imported users: they log in as before, and whoever has moved stays moved."""

import asyncio
import io

import bcrypt

from live_agent.imports.actions import Fate, Result, import_users
from live_agent.imports.files import read_lines
from support.office import Office

HEAD = "account,email,name,role,confirmed,digest"
# The old product read 72 bytes of a password and no more.
LONG = "Correct-horse-" * 8
DIGEST = bcrypt.hashpw(LONG.encode()[:72], bcrypt.gensalt(4)).decode()


async def bring(office: Office, *rows: str, dry_run: bool = False) -> list[Result]:
    text = "\n".join([HEAD, *rows])
    lines = read_lines(io.BytesIO(text.encode()))
    return await import_users(office.database, lines, {1: office.account.id}, 1, dry_run=dry_run)


async def test_a_password_of_the_old_product_goes_on_working(office: Office):
    await bring(office, f"1,ada@acme.example,Ada,agent,t,{DIGEST}")
    for password, status in ((LONG[:71], 403), (LONG[:72] + "whatever", 303)):
        answer = await office.old_login(office.browser(), password=password)
        assert answer.status_code == status
    [row] = await office.users()
    assert row["password_digest"].startswith("$argon2id$")  # made anew at the login


async def test_whoever_has_moved_is_left_alone(office: Office):
    """Lesson 72: an import opens no password door again."""
    await office.add_old_user()
    await office.enter()
    [before] = await office.users()
    [result] = await bring(office, f"1,ADA@acme.example,Ada,administrator,t,{DIGEST}")
    assert result.fate is Fate.MOVED
    [after] = await office.users()
    assert dict(after) == dict(before)


async def test_two_imports_at_once_make_nobody_twice(office: Office):
    rows = [f"1,n{n}@acme.example,N{n},agent,t," for n in range(20)]
    both = await asyncio.gather(bring(office, *rows), bring(office, *rows))
    made = [one for results in both for one in results if one.fate is Fate.CREATED]
    assert len(made) == len(rows) == len(await office.users())


async def test_a_dry_run_leaves_no_trace(office: Office):
    [result] = await bring(office, "1,ada@acme.example,Ada,agent,t,", dry_run=True)
    assert result.fate is Fate.CREATED
    assert await office.users() == []
    assert await office.rows("audit_events") == await office.events("account.created")
