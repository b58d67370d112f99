"""/admin/keys: an administrator sees and revokes the keys of the organisation, and of no other."""

from collections.abc import AsyncIterator

import httpx
import pytest

from cognigy_ai.api_keys import actions as api_keys
from cognigy_ai.api_keys.rules import MadeKey
from cognigy_ai.sessions import actions as sessions
from cognigy_ai.users.rules import User
from support.platform import Platform, submit

KEYS = "/admin/keys"
GLOBEX = "b" * 24


@pytest.fixture
async def grace(acme: Platform) -> User:
    return await acme.add_user("grace@acme.example", name="Grace Hopper", roles=("apiKeys",))


async def key_of(platform: Platform, owner: User, name: str = "Export") -> MadeKey:
    async with platform.database.transaction() as tx:
        return await api_keys.create(tx, owner, name, platform.now + 3600, platform.now)


async def signed_in(platform: Platform, user: User) -> httpx.AsyncClient:
    async with platform.database.transaction() as tx:
        secret, _ = await sessions.start(tx, user.id, "pwd", 3600, "", platform.now)
    browser = platform.browser()
    browser.cookies.set("ai_8000_session", secret)
    return browser


@pytest.fixture
async def admin(acme: Platform) -> AsyncIterator[httpx.AsyncClient]:
    async with await signed_in(acme, await acme.add_user(roles=("admin",))) as browser:
        yield browser


async def test_an_admin_sees_everybodys_keys_and_no_secret(
    acme: Platform, grace: User, admin: httpx.AsyncClient
):
    assert "Nobody has an API key" in (await admin.get(KEYS)).text
    made = await key_of(acme, grace)
    for page in (await admin.get(KEYS), await admin.get(f"{KEYS}/{made.id}")):
        assert page.status_code == 200
        assert "Export" in page.text
        assert "Grace Hopper" in page.text
        assert made.secret[:8] in page.text
        assert made.secret not in page.text


async def test_an_admin_revokes_a_key(acme: Platform, grace: User, admin: httpx.AsyncClient):
    made = await key_of(acme, grace)
    page = await admin.get(f"{KEYS}/{made.id}")
    posted = await submit(admin, page, f"{KEYS}/{made.id}/revoke")
    assert posted.headers["location"] == f"{KEYS}?done=revoked"
    assert await api_keys.find_holder(acme.database, made.secret, acme.now) is None
    again = await submit(admin, page, f"{KEYS}/{made.id}/revoke")
    assert again.status_code == 303


async def test_many_keys_come_in_pages(acme: Platform, grace: User, admin: httpx.AsyncClient):
    for number in range(3):  # at most 25 for each
        owner = await acme.add_user(f"p{number}@acme.example", roles=("apiKeys",))
        for index in range(18):
            await key_of(acme, owner, f"Key-{number}-{index}")
        acme.clock.advance(1)
    first = await admin.get(KEYS)
    assert first.text.count("/admin/keys/") == 50
    older = first.text.split('rel="next" href="')[1].split('"')[0]
    second = await admin.get(older)
    assert second.text.count("/admin/keys/") == 4
    assert f'rel="prev" href="{KEYS}"' in second.text


@pytest.mark.parametrize("before", ["x", "1-2", "9" * 30 + "-" + "a" * 32, "%00"])
async def test_a_wrong_place_is_the_first_page(
    acme: Platform, grace: User, admin: httpx.AsyncClient, before: str
):
    await key_of(acme, grace)
    page = await admin.get(f"{KEYS}?before={before}")
    assert page.status_code == 200
    assert "Export" in page.text


async def test_keys_of_another_organisation_and_of_operators_are_not_found(
    acme: Platform, admin: httpx.AsyncClient
):
    await acme.add_organisation(GLOBEX, "Globex")
    other = await acme.add_user("mallory@globex.example", organisation=GLOBEX, roles=("admin",))
    made = await key_of(acme, other)
    async with acme.database.transaction() as tx:
        ends = acme.now + 3600
        robots = await api_keys.create_for_operator(tx, "Robot", ends, acme.now)
    page = await admin.get("/profile")
    fields = {"csrf_token": page.text.split('csrf_token" value="')[1].split('"')[0]}
    for key_id in (made.id, robots.id, "0" * 32, "%00"):
        assert (await admin.get(f"{KEYS}/{key_id}")).status_code == 404
        assert (await admin.post(f"{KEYS}/{key_id}/revoke", data=fields)).status_code == 404
    for secret in (made.secret, robots.secret):
        assert await api_keys.find_holder(acme.database, secret, acme.now) is not None


@pytest.mark.parametrize("roles", [("apiKeys", "userManager"), ("liveAgentAdmin",)])
async def test_others_see_only_their_own(acme: Platform, grace: User, roles: tuple[str, ...]):
    made = await key_of(acme, grace)
    user = await acme.add_user("mia@acme.example", roles=roles)
    async with await signed_in(acme, user) as browser:
        assert (await browser.get(KEYS)).status_code == 403
        assert (await browser.get(f"{KEYS}/{made.id}")).status_code == 403
