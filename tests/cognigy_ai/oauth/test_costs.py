"""What each operation costs, exactly: statements, transactions, signatures (DESIGN section 8)."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from cognigy_ai.oauth.grants import id_token
from kernel.db import Database
from kernel.jose import sign
from support.relying_party import TOKEN, RelyingParty

Cost = tuple[int, int, int]


@pytest.fixture
def meter(database: Database, monkeypatch: pytest.MonkeyPatch) -> Callable[..., object]:
    """`async with meter(2, 1, 1)` fails unless the block costs exactly that."""
    signatures = 0

    def counted(*arguments: object, **named: object) -> str:
        nonlocal signatures
        signatures += 1
        return sign(*arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(id_token, "sign", counted)

    @asynccontextmanager
    async def measure(statements: int, transactions: int, signed: int) -> AsyncIterator[None]:
        before = (database.statements, database.transactions, signatures)
        yield
        after = (database.statements, database.transactions, signatures)
        spent = tuple(b - a for a, b in zip(before, after, strict=True))
        assert spent == (statements, transactions, signed)

    return measure


async def test_a_login_with_a_session_costs_four_statements(
    signed_in: RelyingParty, meter: Callable[..., AsyncIterator[None]]
) -> None:
    await signed_in.tokens()  # keys and client are in the process's memory
    async with meter(1, 1, 0):
        await signed_in.authorize()
    async with meter(2, 1, 1):
        body = (await signed_in.redeem()).json()
    async with meter(1, 1, 0):
        assert (await signed_in.userinfo(body["access_token"])).status_code == 200
    async with meter(1, 1, 1):
        fresh = (await signed_in.refresh(body["refresh_token"])).json()
    async with meter(1, 1, 0):
        assert (await signed_in.introspect(fresh["access_token"]))["active"]
    async with meter(1, 1, 0):
        assert (await signed_in.introspect(fresh["refresh_token"]))["active"]


async def test_without_openid_nothing_is_signed(
    signed_in: RelyingParty, meter: Callable[..., AsyncIterator[None]]
) -> None:
    body = await signed_in.tokens(scope="email")
    async with meter(1, 1, 0):
        assert (await signed_in.refresh(body["refresh_token"])).status_code == 200


async def test_a_clients_own_token_costs_one_statement(
    desk: RelyingParty, meter: Callable[..., AsyncIterator[None]]
) -> None:
    for scope in ("", f"organisationId={'a' * 24}"):
        async with meter(1, 1, 0):
            form = {"grant_type": "client_credentials", "scope": scope}
            assert (await desk.post(TOKEN, form)).status_code == 200


async def test_the_documents_cost_nothing(
    signed_in: RelyingParty, meter: Callable[..., AsyncIterator[None]]
) -> None:
    await signed_in.tokens()
    async with meter(0, 0, 0):
        for name in ("openid-configuration", "oauth-authorization-server", "jwks.json"):
            assert (await signed_in.http.get(f"/.well-known/{name}")).status_code == 200


async def test_a_client_of_the_database_is_read_once_a_second(
    phone: RelyingParty, signed_in: RelyingParty, meter: Callable[..., AsyncIterator[None]]
) -> None:
    async with meter(2, 2, 0):
        await phone.authorize()
    async with meter(1, 1, 0):
        await phone.authorize()


async def test_a_refused_request_costs_nothing(
    desk: RelyingParty, meter: Callable[..., AsyncIterator[None]]
) -> None:
    async with meter(0, 0, 0):
        await desk.authorize(redirect_uri="https://evil.example/")
    async with meter(0, 0, 0):
        assert (await desk.userinfo("not a token")).status_code == 401
