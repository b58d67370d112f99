"""Settings → Single sign-on: what an administrator sees of the doctor, and what only operators."""

import asyncio

import pytest
from sqlalchemy import text

from kernel.db import Database
from live_agent.doctor.checkups import AGAIN_SECONDS
from support.clock import FrozenClock
from support.office import Office, new_office, submit
from support.visitor import form_with

PAGE = "single-sign-on"


def address(office: Office) -> str:
    return f"/app/accounts/{office.account.id}/settings/{PAGE}"


async def test_a_platform_that_is_away_is_an_operators_matter(office: Office):
    async with await office.signed_in_browser(roles=("administrator",)) as browser:
        page = await browser.get(address(office))
    assert page.status_code == 200
    assert "live-agent doctor" in page.text
    assert "COGNIGY_OAUTH_SITE" in page.text
    rows = page.text.split('class="folds"')[1].split("</main>")[0]
    assert "localhost:8000" not in rows, "it may be an address of the inner network"
    assert "mail.acme.example" not in rows


async def test_a_proxy_that_is_not_trusted_is_wrong_and_open(office: Office):
    """Pain 9: what the proxy passes on is compared with FRONTEND_URL."""
    async with await office.signed_in_browser(roles=("administrator",)) as browser:
        page = await browser.get(address(office), headers={"x-forwarded-for": "192.0.2.7"})
    row = page.text.split('id="browser"')[1].split("</details>")[0]
    assert row.startswith(" open>")
    assert "TRUSTED_PROXIES" in row


async def test_check_again_asks_anew_and_comes_back_to_the_row(office: Office):
    async with await office.signed_in_browser(roles=("administrator",)) as browser:
        page = await browser.get(address(office))
        form = form_with(page, to=address(office))
        for check, row in (("issuer", "#issuer"), ("nothing", ""), ("#x", "")):
            answer = await submit(browser, form, check=check)
            assert answer.headers["location"] == address(office) + row


async def test_whoever_presses_check_again_all_the_time_makes_nobody_wait(office: Office):
    """One examination of an account runs at a time."""
    async with await office.signed_in_browser(roles=("administrator",)) as browser:
        form = form_with(await browser.get(address(office)), to=address(office))
        first = await office.state.checkups.of(office.account.id)
        await submit(browser, form, check="issuer")
        assert await office.state.checkups.of(office.account.id) is first
        office.clock.advance(AGAIN_SECONDS)
        await submit(browser, form, check="issuer")
        assert await office.state.checkups.of(office.account.id) is not first


async def test_no_account_waits_for_the_platform_of_another_one(
    database: Database, clock: FrozenClock
):
    asked, over = asyncio.Semaphore(0), asyncio.Event()

    async def silent(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.release()
        await over.wait()
        writer.close()

    platform = await asyncio.start_server(silent, "127.0.0.1", 0)
    site = f"http://127.0.0.1:{platform.sockets[0].getsockname()[1]}"
    office = new_office(database, clock, {"COGNIGY_OAUTH_SITE": site})
    numbers = [(await office.add_account(f"Number {n}", str(n) * 24)).id for n in range(3)]
    checkups = [asyncio.create_task(office.state.checkups.of(number)) for number in numbers]
    for _ in numbers:
        await asyncio.wait_for(asked.acquire(), 8)  # less than one of them waits for an answer
    over.set()
    platform.close()
    assert all(await asyncio.gather(*checkups))
    await office.state.checkups.close()


async def test_an_examination_that_failed_is_not_tried_again_at_once(office: Office):
    of = office.state.checkups.of
    await office.database.one(text("ALTER TABLE accounts RENAME TO accounts_away"))
    with pytest.raises(Exception, match="accounts"):
        await of(office.account.id)
    await office.database.one(text("ALTER TABLE accounts_away RENAME TO accounts"))
    with pytest.raises(Exception, match="accounts"):
        await of(office.account.id)
    office.clock.advance(AGAIN_SECONDS)
    assert await of(office.account.id)
