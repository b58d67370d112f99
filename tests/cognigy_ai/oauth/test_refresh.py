"""grant_type=refresh_token: rotation, grace, reuse (RFC 6749 section 6, RFC 9700 section 4.14)."""

import asyncio
from typing import Any

import httpx
import pytest

from cognigy_ai.organisations import actions as organisations
from cognigy_ai.users import actions as users
from kernel.db import Database
from support.clock import FrozenClock
from support.platform import OUTBOX
from support.relying_party import RelyingParty


@pytest.fixture
async def held(signed_in: RelyingParty) -> dict[str, Any]:
    """The tokens that the desk holds."""
    return await signed_in.tokens()


def is_refused(answer: httpx.Response) -> bool:
    return (answer.status_code, answer.json().get("error")) == (400, "invalid_grant")


async def test_a_refresh_token_becomes_new_tokens(
    signed_in: RelyingParty, held: dict[str, Any], clock: FrozenClock
) -> None:
    clock.advance(1000)
    body = (await signed_in.refresh(held["refresh_token"])).json()
    assert body["access_token"] != held["access_token"]
    assert body["refresh_token"] != held["refresh_token"]
    assert (body["expires_in"], body["scope"]) == (900, held["scope"])
    assert (await signed_in.userinfo(body["access_token"])).status_code == 200


async def test_the_refreshed_id_token_is_of_the_same_login(
    signed_in: RelyingParty, held: dict[str, Any], clock: FrozenClock
) -> None:
    """OpenID Connect Core section 12.2."""
    clock.advance(1000)
    body = (await signed_in.refresh(held["refresh_token"])).json()
    before = await signed_in.claims(held["id_token"])
    after = await signed_in.claims(body["id_token"])
    for name in ("iss", "sub", "aud", "auth_time", "sid", "roles"):
        assert after[name] == before[name], name
    assert after["iat"] == before["iat"] + 1000
    assert "nonce" not in after


async def test_the_refreshed_id_token_says_what_is_true_now(
    signed_in: RelyingParty, held: dict[str, Any], database: Database, clock: FrozenClock
) -> None:
    """A role given or taken arrives with the next look (DESIGN section 3 rule 6)."""
    ada = await users.get_by_email(database, "ada@acme.example", None)
    async with database.transaction() as tx:
        await users.remove_role(tx, ada.id, "liveAgentAdmin", clock.now())
    body = (await signed_in.refresh(held["refresh_token"])).json()
    claims = await signed_in.claims(body["id_token"])
    assert claims["roles"] == ["admin", "base_role"]
    assert claims["access_revision"] == ada.access_revision + 1


async def test_a_lost_answer_is_given_again_within_the_grace(
    signed_in: RelyingParty, held: dict[str, Any], clock: FrozenClock
) -> None:
    first = (await signed_in.refresh(held["refresh_token"])).json()
    clock.advance(30)
    again = (await signed_in.refresh(held["refresh_token"])).json()
    assert again["access_token"] == first["access_token"]
    assert again["refresh_token"] == first["refresh_token"]
    assert again["expires_in"] == first["expires_in"] - 30


async def test_eight_simultaneous_refreshes_get_the_same_answer(
    signed_in: RelyingParty, held: dict[str, Any]
) -> None:
    answers = await asyncio.gather(*(signed_in.refresh(held["refresh_token"]) for _ in range(8)))
    bodies = [answer.json() for answer in answers]
    assert {answer.status_code for answer in answers} == {200}
    assert len({(b["access_token"], b["refresh_token"]) for b in bodies}) == 1
    assert (await signed_in.userinfo(bodies[0]["access_token"])).status_code == 200
    assert (await signed_in.refresh(bodies[0]["refresh_token"])).status_code == 200


async def test_reuse_after_the_grace_ends_the_whole_family(
    signed_in: RelyingParty, held: dict[str, Any], clock: FrozenClock
) -> None:
    """RFC 9700 section 4.14.2: the newest token dies too."""
    newest = (await signed_in.refresh(held["refresh_token"])).json()
    clock.advance(31)
    assert is_refused(await signed_in.refresh(held["refresh_token"]))
    assert is_refused(await signed_in.refresh(newest["refresh_token"]))
    assert (await signed_in.userinfo(newest["access_token"])).status_code == 401


async def test_a_grandparent_is_reuse_even_within_the_grace(
    signed_in: RelyingParty, held: dict[str, Any]
) -> None:
    """Who has used the answer has received it."""
    child = (await signed_in.refresh(held["refresh_token"])).json()
    grandchild = (await signed_in.refresh(child["refresh_token"])).json()
    assert is_refused(await signed_in.refresh(held["refresh_token"]))
    assert is_refused(await signed_in.refresh(grandchild["refresh_token"]))


@pytest.mark.parametrize(
    "token", ["", "rt_", "rt_x.y", "rt_" + "A" * 43 + "." + "A" * 43, "at_" + "A" * 43, "x" * 9000]
)
async def test_an_unknown_token_is_refused(signed_in: RelyingParty, token: str) -> None:
    answer = await signed_in.refresh(token)
    assert answer.json()["error"] == ("invalid_grant" if token else "invalid_request")


async def test_an_access_token_is_not_a_refresh_token(
    signed_in: RelyingParty, held: dict[str, Any]
) -> None:
    assert is_refused(await signed_in.refresh(held["access_token"]))


async def test_a_token_of_another_client_is_refused_and_stays_alive(
    signed_in: RelyingParty, some_app: RelyingParty, held: dict[str, Any]
) -> None:
    """RFC 6749 section 6: bound to the client."""
    assert is_refused(await some_app.refresh(held["refresh_token"]))
    assert (await signed_in.refresh(held["refresh_token"])).status_code == 200


async def test_the_scope_may_shrink_for_the_access_token(
    signed_in: RelyingParty, held: dict[str, Any]
) -> None:
    """RFC 6749 section 6: the refresh token keeps the scope that was granted."""
    less = (await signed_in.refresh(held["refresh_token"], scope="openid email")).json()
    assert less["scope"] == "email openid"
    seen = (await signed_in.userinfo(less["access_token"])).json()
    assert set(seen) == {"sub", "email", "email_verified"}
    assert "roles" not in await signed_in.claims(less["id_token"])
    more = (await signed_in.refresh(less["refresh_token"])).json()
    assert more["scope"] == held["scope"]


async def test_the_same_token_with_another_scope_is_another_access_token(
    signed_in: RelyingParty, held: dict[str, Any]
) -> None:
    """Within the grace a token never gains a scope that it did not have."""
    less = (await signed_in.refresh(held["refresh_token"], scope="openid")).json()
    all_of_it = (await signed_in.refresh(held["refresh_token"])).json()
    assert less["access_token"] != all_of_it["access_token"]
    assert (await signed_in.userinfo(less["access_token"])).status_code == 401


async def test_a_wider_scope_is_refused_and_nothing_is_rotated(
    short: RelyingParty, signed_in: RelyingParty
) -> None:
    held = await signed_in.tokens(scope="openid email")
    answer = await signed_in.refresh(held["refresh_token"], scope="openid email roles")
    assert answer.json()["error"] == "invalid_scope"
    assert (await signed_in.userinfo(held["access_token"])).status_code == 200
    assert (await signed_in.refresh(held["refresh_token"])).status_code == 200


async def test_who_was_disabled_gets_nothing_more(
    signed_in: RelyingParty, held: dict[str, Any], database: Database, clock: FrozenClock
) -> None:
    """Lessons 33 and 36, at the refresh."""
    ada = await users.get_by_email(database, "ada@acme.example", None)
    async with database.transaction() as tx:
        await users.disable(tx, ada.id, clock.now())
    assert is_refused(await signed_in.refresh(held["refresh_token"]))
    assert (await signed_in.userinfo(held["access_token"])).status_code == 401


async def test_a_suspended_organisation_gets_nothing_more(
    signed_in: RelyingParty, held: dict[str, Any], database: Database, clock: FrozenClock
) -> None:
    """Lesson 24."""
    async with database.transaction() as tx:
        await organisations.suspend(tx, OUTBOX, "a" * 24, clock.now())
    assert is_refused(await signed_in.refresh(held["refresh_token"]))
    assert (await signed_in.userinfo(held["access_token"])).status_code == 401


async def test_a_grant_ends_after_its_lifetime_however_often_it_is_used(
    signed_in: RelyingParty, held: dict[str, Any], clock: FrozenClock
) -> None:
    """AUTH_TOKEN_LIFESPAN counts from the login; the platform's session is long over."""
    clock.advance(1_209_600 - 10)
    last = (await signed_in.refresh(held["refresh_token"])).json()
    assert last["expires_in"] == 10
    clock.advance(10)
    assert is_refused(await signed_in.refresh(last["refresh_token"]))


async def test_a_public_client_rotates_as_well(
    phone: RelyingParty, signed_in: RelyingParty, clock: FrozenClock
) -> None:
    """RFC 9700 section 2.2.2."""
    held = await phone.tokens()
    assert (await phone.refresh(held["refresh_token"])).status_code == 200
    clock.advance(31)
    assert is_refused(await phone.refresh(held["refresh_token"]))


async def test_offline_access_is_ignored_here_as_at_the_login(
    signed_in: RelyingParty, held: dict[str, Any]
) -> None:
    """Clients send the scope of their authorization request once more."""
    answer = await signed_in.refresh(held["refresh_token"], scope="openid offline_access")
    assert answer.json()["scope"] == "openid"
