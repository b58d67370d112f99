"""Two processes of each system on one PostgreSQL: whoever comes second finds it done."""

import asyncio
import re
from collections.abc import Callable

import httpx
import pytest

from support.races import FORGETFUL, MOVER, OLD_PASSWORD, RACER, UNPROVED, Scene, at_once
from support.visitor import Visitor

pytestmark = pytest.mark.postgres

RACERS = 8
MAIL_SECONDS = 10
LINK = re.compile(r"https?://\S+")


async def send_twice(
    first: Visitor, second: Visitor, request: httpx.Request
) -> list[httpx.Response]:
    """The same click, at both replicas at once."""
    again = httpx.Request(request.method, request.url, headers=request.headers)
    again.stream = httpx.ByteStream(request.content)
    return await at_once(
        first.http.send(request, follow_redirects=False),
        second.http.send(again, follow_redirects=False),
    )


async def test_of_eight_redemptions_of_one_code_exactly_one_succeeds(two_servers: Scene) -> None:
    async with two_servers.visitor(0) as one, two_servers.visitor(1) as other:
        for _ in range(5):
            code, verifier = await two_servers.new_code(one)
            answers = await at_once(
                *(
                    two_servers.redeem((one, other)[number % 2], code, verifier)
                    for number in range(RACERS)
                )
            )
            assert sorted(a.status_code for a in answers) == [200] + [400] * (RACERS - 1)
            refused = [a.json()["error"] for a in answers if a.status_code == 400]
            assert set(refused) == {"invalid_grant"}


async def test_two_first_logins_of_one_old_user_move_it_once(two_servers: Scene) -> None:
    async with two_servers.visitor(0) as one, two_servers.visitor(1) as other:
        callbacks = [await two_servers.callback(browser, MOVER) for browser in (one, other)]
        pages = await at_once(one.get(callbacks[0]), other.get(callbacks[1]))
    assert [page.url.path.rpartition("/")[2] for page in pages] == ["dashboard"] * 2
    (user,) = two_servers.users_with(MOVER)
    assert user["linked"] is True
    await _until(lambda: bool(two_servers.mails_to(MOVER)))
    await asyncio.sleep(1)
    assert len(two_servers.mails_to(MOVER)) == 1
    assert two_servers.pair.desk.run_json("conflicts", "list") == []


async def test_a_callback_that_comes_twice_starts_one_session(two_servers: Scene) -> None:
    async with two_servers.visitor(0) as one, two_servers.visitor(1) as other:
        callback = await two_servers.callback(one, RACER)
        answers = await send_twice(one, other, one.http.build_request("GET", callback))
        assert all(answer.status_code == 303 for answer in answers)
        assert not any("/login/failed/" in answer.headers["location"] for answer in answers)
        secrets = [two_servers.secret_of_session(browser) for browser in (one, other)]
        assert len([secret for secret in secrets if secret]) == 1


async def test_a_double_clicked_proof_moves_the_old_user_once(two_servers: Scene) -> None:
    async with two_servers.visitor(0) as one, two_servers.visitor(1) as other:
        page = await one.get(await two_servers.callback(one, UNPROVED))
        assert page.url.path == "/login/link", page.text
        request = one.filled_in(page, password=OLD_PASSWORD)
        answers = await send_twice(one, other, request)
        assert all(answer.status_code < 500 for answer in answers)
        secrets = [two_servers.secret_of_session(browser) for browser in (one, other)]
        assert len([secret for secret in secrets if secret]) == 1
    (user,) = two_servers.users_with(UNPROVED)
    assert user["linked"] is True


async def test_a_double_clicked_password_link_sets_one_password(two_servers: Scene) -> None:
    said = two_servers.pair.platform.run("users", "password-link", FORGETFUL)
    link = LINK.findall(said)[0]
    passwords = ["a first new password, long", "another new password, longer"]
    async with two_servers.visitor(0) as one, two_servers.visitor(1) as other:
        pages = [await one.get(link), await other.get(link)]
        answers = await at_once(
            *(
                browser.submit(page, follow=False, password=password)
                for browser, page, password in zip((one, other), pages, passwords, strict=True)
            )
        )
    assert sorted(answer.status_code < 400 for answer in answers) == [False, True]
    worked = []
    for password in passwords:
        async with two_servers.visitor() as visitor:
            page = await visitor.get(f"{two_servers.pair.platform.url}/login")
            page = await visitor.submit(page, email=FORGETFUL, password=password)
            worked.append(page.url.path == "/profile")
    assert sorted(worked) == [False, True]


async def test_a_double_clicked_login_form_signs_in(two_servers: Scene) -> None:
    async with two_servers.visitor(0) as one, two_servers.visitor(1) as other:
        page = await one.get(f"{two_servers.pair.platform.url}/login")
        request = one.filled_in(page, email=RACER, password=two_servers.password)
        answers = await send_twice(one, other, request)
        assert [answer.status_code for answer in answers] == [303, 303]
        for browser in (one, other):  # whichever answer the browser keeps
            page = await browser.get(f"{two_servers.pair.platform.url}/profile")
            assert page.url.path == "/profile"


async def _until(true: Callable[[], bool]) -> None:
    for _ in range(MAIL_SECONDS * 10):
        if true():
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"not within {MAIL_SECONDS} s")
