"""An application that its person disconnects: nothing that it holds works any more."""

import asyncio

from starlette.applications import Starlette

from cognigy_ai.tokens import applications
from cognigy_ai.users import actions as users
from support.relying_party import RelyingParty


async def disconnect(app: Starlette, client_id: str) -> bool:
    database, now = app.state.database, app.state.clock.now()
    async with database.transaction() as tx:
        user = await users.get_by_email(tx, "ada@acme.example", None)
        return await applications.disconnect(tx, user, client_id, now)


async def test_its_tokens_end(app: Starlette, signed_in: RelyingParty) -> None:
    body = await signed_in.tokens()
    assert await disconnect(app, signed_in.client_id)
    assert (await signed_in.userinfo(body["access_token"])).status_code == 401
    assert (await signed_in.refresh(body["refresh_token"])).status_code == 400
    assert not await disconnect(app, signed_in.client_id)


async def test_a_code_under_way_is_worth_nothing(app: Starlette, signed_in: RelyingParty) -> None:
    await signed_in.authorize()
    assert await disconnect(app, signed_in.client_id)
    refused = await signed_in.redeem()
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")


async def test_signing_in_there_connects_it_again(app: Starlette, signed_in: RelyingParty) -> None:
    await signed_in.tokens()
    await disconnect(app, signed_in.client_id)
    assert (await signed_in.tokens())["access_token"]


async def test_a_code_redeemed_at_the_same_time_leaves_no_token(
    app: Starlette, signed_in: RelyingParty
) -> None:
    for _ in range(5):
        await signed_in.authorize()
        redeemed, _ = await asyncio.gather(signed_in.redeem(), disconnect(app, signed_in.client_id))
        if redeemed.status_code == 200:
            token = redeemed.json()["access_token"]
            assert (await signed_in.userinfo(token)).status_code == 401
