"""One server process on SQLite, eight requests at once, and the command line writing beside it."""

import asyncio
import sqlite3
import time

from support.races import MOVER, Scene, at_once, beside

RACERS = 8
LOCKED_SECONDS = 1.0
SOON_SECONDS = 0.5


async def test_of_eight_redemptions_of_one_code_exactly_one_succeeds(one_server: Scene) -> None:
    def write(number: int) -> None:
        one_server.pair.platform.run("organisations", "create", f"Beside {number}")

    async with one_server.visitor() as visitor:
        with beside(write):
            for _ in range(10):
                code, verifier = await one_server.new_code(visitor)
                answers = await at_once(
                    *(one_server.redeem(visitor, code, verifier) for _ in range(RACERS))
                )
                assert sorted(a.status_code for a in answers) == [200] + [400] * (RACERS - 1)
                refused = [a.json()["error"] for a in answers if a.status_code == 400]
                assert set(refused) == {"invalid_grant"}


async def test_of_eight_first_logins_of_one_old_user_one_moves_it(one_server: Scene) -> None:
    def write(number: int) -> None:
        one_server.pair.desk.run("accounts", "create", f"Beside {number}")

    browsers = [one_server.visitor() for _ in range(RACERS)]
    callbacks = [await one_server.callback(browser, MOVER) for browser in browsers]
    with beside(write):
        pages = await at_once(
            *(browser.get(at) for browser, at in zip(browsers, callbacks, strict=True))
        )
    for browser in browsers:
        await browser.http.aclose()
    assert [page.url.path.rpartition("/")[2] for page in pages] == ["dashboard"] * RACERS
    (user,) = one_server.users_with(MOVER)
    assert user["linked"] is True
    assert one_server.pair.desk.run_json("conflicts", "list") == []


async def test_a_locked_database_is_awaited_and_other_requests_go_on(one_server: Scene) -> None:
    """`sqlite3` itself would wait with the whole process: `timeout=0`, retried in asyncio."""
    url = one_server.pair.platform.environment["DATABASE_URL"]
    other_program = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    async with one_server.visitor() as visitor:
        code, verifier = await one_server.new_code(visitor)
        other_program.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        waiting = asyncio.create_task(one_server.redeem(visitor, code, verifier))
        await asyncio.sleep(0.1)
        alive = await visitor.get(f"{one_server.pair.platform.url}/health/liveness")
        assert alive.status_code == 200
        assert time.monotonic() - began < SOON_SECONDS
        await asyncio.sleep(LOCKED_SECONDS - (time.monotonic() - began))
        assert not waiting.done()
        other_program.execute("COMMIT")
        assert (await waiting).status_code == 200
    other_program.close()
