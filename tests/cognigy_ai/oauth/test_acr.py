"""What clients learn of the second factor, and that a new login asks for it again."""

import httpx
import pytest
from starlette.applications import Starlette

from cognigy_ai.db import features
from cognigy_ai.second_factors import actions as second_factors
from cognigy_ai.users import actions as users
from kernel.db import Database
from kernel.keyring import KeyRing
from support.clock import FrozenClock
from support.relying_party import RelyingParty, answer_of
from support.two_step import SECRET, code_at


@pytest.fixture
async def secured(app: Starlette, database: Database, clock: FrozenClock) -> None:
    """Ada has two-step login."""
    keyring: KeyRing = app.state.keyring
    sealed = keyring.seal(second_factors.SEALED_FOR, SECRET)
    async with database.transaction() as tx:
        ada = await users.get_by_email(tx, "ada@acme.example", None)
        await second_factors.set_up(tx, features.outbox(keyring), ada, (sealed, 0), clock.now())


async def with_code(desk: RelyingParty, clock: FrozenClock, **changes: str) -> httpx.Response:
    """A login with password and code."""
    asked = await desk.http.get((await desk.log_in(**changes)).headers["location"])
    assert asked.url.path == "/login/code"
    return await desk.submit(asked, code=code_at(clock.now()))


async def claims_of(desk: RelyingParty) -> dict[str, object]:
    claims = await desk.claims((await desk.redeem()).json()["id_token"])
    return {name: claims[name] for name in ("acr", "amr")}


async def test_the_password_alone_is_one_factor(signed_in: RelyingParty) -> None:
    assert await claims_of(signed_in) == {"acr": "1", "amr": ["pwd"]}


async def test_the_code_makes_two(desk: RelyingParty, clock: FrozenClock, secured: None) -> None:
    answer = await with_code(desk, clock)
    assert "code" in answer_of(answer)
    assert await claims_of(desk) == {"acr": "2", "amr": ["pwd", "otp", "mfa"]}


async def test_half_a_login_gets_no_code(
    desk: RelyingParty, clock: FrozenClock, secured: None
) -> None:
    await desk.log_in()
    assert answer_of(await desk.authorize(prompt="none"))["error"] == "login_required"
    assert (await desk.authorize()).status_code == 200


@pytest.mark.parametrize("wish", [{"prompt": "login"}, {"max_age": "0"}])
async def test_another_login_asks_for_another_code(
    desk: RelyingParty, clock: FrozenClock, secured: None, wish: dict[str, str]
) -> None:
    await with_code(desk, clock)
    clock.advance(30)
    shown = await desk.log_in(**wish)
    assert shown.headers["location"].startswith("/login/code?")
    asked = await desk.http.get(shown.headers["location"])
    clock.advance(-30)
    assert (await desk.submit(asked, code=code_at(clock.now()))).status_code == 400
    clock.advance(30)
    assert "code" in answer_of(await desk.submit(asked, code=code_at(clock.now())))


async def test_a_client_may_ask_for_two_factors(
    signed_in: RelyingParty, clock: FrozenClock, secured: None
) -> None:
    """`acr_values` is a voluntary wish (Core 5.5.1.1): a weaker session logs in once more."""
    assert "code" in answer_of(await signed_in.authorize(prompt="none", acr_values="2"))
    assert "code" in answer_of(await signed_in.authorize(acr_values="1 2"))
    await with_code(signed_in, clock, acr_values="2 1")
    assert (await claims_of(signed_in))["acr"] == "2"
    assert "code" in answer_of(await signed_in.authorize(acr_values="2"))


async def test_the_wish_changes_nothing_for_who_has_no_second_factor(
    signed_in: RelyingParty,
) -> None:
    assert "code" in answer_of(await signed_in.authorize(acr_values="2"))
    assert (await claims_of(signed_in))["acr"] == "1"


async def test_discovery_names_the_values(http: httpx.AsyncClient) -> None:
    document = (await http.get("/.well-known/openid-configuration")).json()
    assert document["acr_values_supported"] == ["1", "2"]
    assert "acr" in document["claims_supported"]
