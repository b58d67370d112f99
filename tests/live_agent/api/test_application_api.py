"""API tokens of people: made once, used with their rights, ended with their access."""

import asyncio
import re

import httpx
import pytest
from sqlalchemy import select, update

from kernel.opaque import fingerprint
from kernel.web.api.limits import Quota, RateLimiter
from live_agent.db import endings, tables
from live_agent.db.endings import Ending
from support.office import BASE, ISSUER, Office, submit
from support.visitor import forms_of


def profile(office: Office) -> str:
    return f"/app/accounts/{office.account.id}/profile"


async def make(office: Office, browser: httpx.AsyncClient, name: str = "report") -> str:
    """The secret that the page shows."""
    page = await browser.get(profile(office))
    form = next(one for one in forms_of(page.text) if one.action.endswith("/profile/api-tokens"))
    made = await submit(browser, form, name=name)
    assert made.status_code == 200, made.text
    assert made.headers["cache-control"] == "no-store"
    (secret,) = set(re.findall(r"la_[\w-]{43}", made.text))
    return secret


async def ask(office: Office, token: str | None, path: str = "/api/v1/profile") -> httpx.Response:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(office.app), base_url=BASE
    ) as program:
        return await program.get(path, headers={"api_access_token": token} if token else {})


async def agents(office: Office, token: str, query: str = "") -> httpx.Response:
    return await ask(office, token, f"/api/v1/accounts/{office.account.id}/agents{query}")


async def test_a_token_reads_the_profile_and_the_colleagues_of_its_owner(office: Office):
    browser = await office.signed_in_browser(roles=("agent", "supervisor"))
    await office.enter(subject="bob", email="bob@acme.example", name="Bob")
    await office.add_old_user(email="olga@acme.example", name="Olga")
    token = await make(office, browser)
    body = (await ask(office, token)).json()
    assert (body["name"], body["email"], body["account_id"]) == (
        "Ada Lovelace",
        "ada@acme.example",
        office.account.id,
    )
    assert sorted(body["roles"]) == ["agent", "supervisor"]
    first = (await agents(office, token, "?limit=2")).json()
    rest = (await agents(office, token, f"?limit=2&after={first['next']}")).json()
    found = {one["name"]: one["availability_status"] for one in first["agents"] + rest["agents"]}
    assert found == {"Ada Lovelace": "online", "Bob": "online", "Olga": "offline"}
    assert rest["next"] is None


async def test_the_secret_is_shown_once_and_kept_as_a_fingerprint(office: Office):
    browser = await office.signed_in_browser()
    token = await make(office, browser)
    (row,) = await office.rows("api_tokens")
    assert row["fingerprint"] == fingerprint(token)
    assert token not in str(dict(row))
    page = (await browser.get(profile(office))).text
    assert token not in page
    assert "Never used" in page
    await ask(office, token)
    assert "Last used" in (await browser.get(profile(office))).text
    (event,) = await office.events("api_token.made")
    assert token not in str(dict(event))


async def test_its_owner_ends_it(office: Office):
    browser = await office.signed_in_browser()
    token, other = await make(office, browser), await make(office, browser, "another")
    page = await browser.get(profile(office))
    form = next(one for one in forms_of(page.text) if one.fields.get("token") == fingerprint(token))
    answer = await submit(browser, form)
    assert "The API token has ended." in (await browser.get(answer.headers["location"])).text
    assert (await ask(office, token)).status_code == 401
    assert (await ask(office, other)).status_code == 200


async def test_nobody_ends_the_token_of_somebody_else(office: Office):
    ada = await office.signed_in_browser()
    bob = await office.signed_in_browser(subject="bob", email="bob@acme.example", name="Bob")
    token, own = await make(office, ada), await make(office, bob)
    page = await bob.get(profile(office))
    form = next(one for one in forms_of(page.text) if one.fields.get("token") == fingerprint(own))
    answer = await submit(bob, form, token=fingerprint(token))
    assert answer.headers["location"].endswith("?done=gone")
    assert (await ask(office, token)).status_code == 200


@pytest.mark.parametrize("token", [None, "", "la_nobody", "x" * 5000, "a session's secret"])
async def test_without_a_token_that_works_nothing_is_said(office: Office, token: str | None):
    browser = await office.signed_in_browser()
    await make(office, browser)
    answer = await ask(office, token)
    assert answer.status_code == 401
    assert answer.json()["code"] == "api_token_refused"
    assert answer.headers["www-authenticate"].startswith("ApiAccessToken")
    assert "Ada" not in answer.text


async def test_neither_a_session_nor_its_secret_nor_two_headers_open_the_api(office: Office):
    browser = await office.signed_in_browser()
    token = await make(office, browser)
    assert (await browser.get("/api/v1/profile")).status_code == 401
    assert (await ask(office, browser.cookies["la_3000_session"])).status_code == 401
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(office.app), base_url=BASE
    ) as program:
        twice = [("api_access_token", token), ("api_access_token", "la_other")]
        assert (await program.get("/api/v1/profile", headers=twice)).status_code == 401
    assert (await ask(office, token, "/platform/api/v1/accounts")).status_code in (401, 503)


async def test_another_account_is_not_there(office: Office):
    await office.add_account("Globex", "b" * 24)
    token = await make(office, await office.signed_in_browser())
    for other in (office.account.id + 1, 999, 2**70):
        answer = await ask(office, token, f"/api/v1/accounts/{other}/agents")
        assert answer.status_code == 404, answer.text


@pytest.mark.parametrize("how", ["disabled", "no role", "suspended"])
async def test_it_ends_with_the_access_of_its_owner(office: Office, how: str):
    token = await make(office, await office.signed_in_browser())
    (user,) = await office.users()
    if how == "disabled":
        await office.disable(user["id"])
    elif how == "no role":
        await office.set_user(user["id"], roles="")
    else:
        await office.suspend()
    assert (await ask(office, token)).status_code == 401


async def test_new_roles_count_at_the_next_request(office: Office):
    token = await make(office, await office.signed_in_browser())
    (user,) = await office.users()
    await office.set_user(user["id"], roles="supervisor")
    assert (await ask(office, token)).json()["roles"] == ["supervisor"]


async def test_ten_work_at_the_same_time_and_no_more(office: Office):
    browser = await office.signed_in_browser()
    for number in range(10):
        await make(office, browser, f"n{number}")
    page = await browser.get(profile(office))
    form = next(one for one in forms_of(page.text) if one.action.endswith("/profile/api-tokens"))
    assert (await submit(browser, form, name="eleventh")).status_code == 409
    assert len(await office.rows("api_tokens")) == 10
    await office.database.one(
        update(tables.api_tokens)
        .where(tables.api_tokens.c.name == "n3")
        .values(ended_at=office.now)
    )
    await make(office, browser, "eleventh")


async def test_an_old_user_moves_first(office: Office):
    await office.add_old_user()
    browser = office.browser()
    await office.old_login(browser)
    page = await browser.get(profile(office))
    assert "API token" not in page.text
    form = next(one for one in forms_of(page.text) if one.action == "/theme")
    answer = await browser.post(
        f"{profile(office)}/api-tokens",
        data={"csrf_token": form.fields["csrf_token"], "name": "x"},
    )
    assert answer.status_code == 400
    assert await office.database.all(select(tables.api_tokens)) == []


async def test_requests_are_counted_for_each_token_and_refusals_for_each_network(office: Office):
    token = await make(office, await office.signed_in_browser())
    assert (await ask(office, token)).headers["ratelimit"].startswith('"default";r=999;')
    refusals = RateLimiter(office.clock, Quota(2, 300))
    object.__setattr__(office.state, "api_refusals", refusals)
    assert [(await ask(office, "la_wrong")).status_code for _ in range(2)] == [401, 401]
    refused = await ask(office, "la_wrong")
    assert refused.status_code == 429
    assert (await ask(office, token)).status_code == 200


async def test_of_many_that_are_made_at_once_ten_work(office: Office):
    secret = (await office.enter()).session_secret
    browser = office.browser_with("session", secret)
    page = await browser.get(profile(office))
    form = next(one for one in forms_of(page.text) if one.action.endswith("/profile/api-tokens"))
    made = await asyncio.gather(*(submit(browser, form, name=f"n{n}") for n in range(14)))
    assert sorted(answer.status_code for answer in made) == [200] * 10 + [409] * 4
    assert len(await office.rows("api_tokens")) == 10


async def test_a_token_that_is_made_while_access_ends_does_not_outlive_it(office: Office):
    """Whichever comes first: afterwards nothing of the person opens anything."""
    for number in range(4):
        subject = f"racer-{number}"
        entered = await office.enter(subject=subject, email=f"{subject}@acme.example")
        browser = office.browser_with("session", entered.session_secret)
        page = await browser.get(profile(office))
        form = next(one for one in forms_of(page.text) if one.action.endswith("/api-tokens"))

        async def end(subject: str = subject) -> None:
            ending = Ending("user_disabled", "ABCDEFGHIJKL", office.now)
            async with office.database.transaction() as tx:
                before = {"access_revision": None, "begun_until": office.now}
                identity = (ISSUER, subject)
                await endings.end_sessions_of_identity(tx, identity, ending=ending, **before)
                await endings.end_tokens_of_identity(tx, identity, office.now)

        made, _ = await asyncio.gather(submit(browser, form, name="late"), end())
        assert made.status_code in (200, 303, 403)
    for row in await office.rows("api_tokens"):
        assert row["ended_at"] is not None
