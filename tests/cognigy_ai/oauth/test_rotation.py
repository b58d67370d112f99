"""Rotation drills: old and new are valid side by side, and it shows which one is in use.

Idea 15: a secret is retired when nobody uses it any more, and not before (pain 15).
"""

import asyncio

import httpx
import pytest
import structlog
from pydantic import SecretStr
from sqlalchemy import text
from starlette.applications import Starlette

from cognigy_ai.app import build_app
from cognigy_ai.clients import actions as clients
from cognigy_ai.clients import secret_uses
from cognigy_ai.clients.secret_uses import SecretUse
from cognigy_ai.keys import actions as keys
from cognigy_ai.keys.actions import KeyStore, KeysUnreadable
from cognigy_ai.settings import Settings
from cognigy_ai.state import State
from kernel.db import Database
from kernel.keyring import KeyRing
from kernel.metrics import Metrics
from kernel.opaque import fingerprint
from support.clock import FrozenClock
from support.relying_party import ISSUER, RelyingParty

OLD, NEW = "app-secret", "a-new-secret-of-the-app"


def state_of(app: Starlette) -> State:
    state: State = app.state.all
    return state


async def uses(app: Starlette, client_id: str) -> list[SecretUse]:
    state = state_of(app)
    await state.secret_uses.add()
    client = await clients.find_registered(state.database, state.settings, client_id)
    assert client is not None
    return await secret_uses.uses_of(state.database, client)


async def present(http: httpx.AsyncClient, client_id: str, secret: str) -> int:
    """A revocation of nothing: it asks for the client's secret and changes nothing."""
    form = {"token": "none", "client_id": client_id, "client_secret": secret}
    return (await http.post(f"{ISSUER}/auth/oauth2/revoke", data=form)).status_code


async def test_two_secrets_are_valid_and_each_tells_when_it_was_used_last(
    app: Starlette, http: httpx.AsyncClient, database: Database, clock: FrozenClock
):
    begun = clock.now()
    assert await present(http, "app", OLD) == 200
    async with database.transaction() as tx:
        await clients.rotate_secret(tx, "app", fingerprint(NEW), clock.now())
    clock.advance(60)
    assert await present(http, "app", NEW) == 200
    assert await present(http, "app", NEW) == 200
    assert [(u.valid_as, u.uses, u.last_used_at) for u in await uses(app, "app")] == [
        ("current", 2, begun + 60),
        ("previous", 1, begun),
    ]
    clock.advance(60)
    assert await present(http, "app", OLD) == 200  # somebody has it still: not yet
    assert [u.last_used_at for u in await uses(app, "app")] == [begun + 60, begun + 120]
    async with database.transaction() as tx:
        await clients.rotate_secret(tx, "app", fingerprint(NEW), clock.now(), keep_previous=False)
    clock.advance(2)
    assert await present(http, "app", OLD) == 401
    assert [(u.valid_as, u.uses) for u in await uses(app, "app")] == [("current", 2)]


async def test_a_wrong_secret_and_another_secrets_name_tell_nothing(
    app: Starlette, http: httpx.AsyncClient
):
    assert await present(http, "app", "a wrong secret") == 401
    (unused,) = await uses(app, "app")
    assert (unused.uses, unused.last_used_at) == (0, None)
    assert OLD not in repr(unused)


async def test_uses_of_all_processes_add_up_and_the_newest_counts(
    app: Starlette, desk: RelyingParty, settings: Settings, database: Database, clock: FrozenClock
):
    other = build_app(settings, database, clock, metrics=Metrics(on=True), background=False)
    transport = httpx.ASGITransport(other)
    async with httpx.AsyncClient(transport=transport, base_url=ISSUER) as elsewhere:
        assert await present(desk.http, "desk", desk.client_secret) == 200
        clock.advance(10)
        assert await present(elsewhere, "desk", desk.client_secret) == 200
    newest = clock.now()
    await state_of(other).secret_uses.add()
    (found,) = await uses(app, "desk")  # the older use is added after the newer one
    assert (found.uses, found.last_used_at) == (2, newest)
    series = 'cognigy_ai_client_secret_uses_total{client="desk",secret="current"} 1.0'
    assert series in state_of(other).metrics.text()


async def test_uses_that_the_database_refuses_are_kept_and_end_no_worker(
    app: Starlette, desk: RelyingParty, database: Database
):
    assert await present(desk.http, "desk", desk.client_secret) == 200
    await database.one(text("ALTER TABLE client_secret_uses RENAME TO client_secret_uses_away"))
    adding = asyncio.create_task(state_of(app).secret_uses.add())
    with structlog.testing.capture_logs() as logs:
        await asyncio.wait([adding])
    await database.one(text("ALTER TABLE client_secret_uses_away RENAME TO client_secret_uses"))
    assert [entry["event"] for entry in logs] == ["client.uses_not_added"]
    assert adding.exception() is None
    (found,) = await uses(app, "desk")
    assert found.uses == 1


async def test_secrets_of_the_environment_rotate_too(
    app: Starlette, settings: Settings, database: Database, clock: FrozenClock, desk: RelyingParty
):
    new = "the-new-secret-of-the-desk-12345678"
    changes = {
        "client_secret_cognigy_live_agent": SecretStr(new),
        "client_secret_cognigy_live_agent_previous": SecretStr(desk.client_secret),
    }
    rotated = build_app(settings.model_copy(update=changes), database, clock, background=False)
    transport = httpx.ASGITransport(rotated)
    async with httpx.AsyncClient(transport=transport, base_url=ISSUER) as http:
        assert await present(http, "desk", desk.client_secret) == 200
        assert await present(http, "desk", new) == 200
    assert [(u.valid_as, u.uses) for u in await uses(rotated, "desk")] == [
        ("current", 1),
        ("previous", 1),
    ]


async def test_the_secret_of_cookies_and_keys_rotates_with_the_old_one_readable(
    settings: Settings, signed_in: RelyingParty, database: Database, clock: FrozenClock
):
    """SECRET_KEY_BASE: the old one moves to SECRET_KEY_BASE_PREVIOUS, and nobody notices."""
    old, _ = settings.secrets()
    new = "fedcba9876543210" * 4
    tokens = await signed_in.tokens()
    both = KeyStore(database, KeyRing(new, (old,)))
    await both.ensure_keys(clock.now())
    assert await both.can_sign(clock.now())
    changes = {"secret_key_base": SecretStr(new), "secret_key_base_previous": (SecretStr(old),)}
    rotated = build_app(settings.model_copy(update=changes), database, clock, background=False)
    signed_in.http._transport = httpx.ASGITransport(rotated)  # the same browser, restarted servers
    assert (await signed_in.userinfo(tokens["access_token"])).status_code == 200
    again = await signed_in.tokens()  # signs with a key that the old secret sealed
    assert (await signed_in.claims(again["id_token"]))["sub"]
    only_new = KeyStore(database, KeyRing(new))
    with pytest.raises(KeysUnreadable, match="SECRET_KEY_BASE_PREVIOUS"):
        await only_new.ensure_keys(clock.now())
    assert not await only_new.can_sign(clock.now())
    for alg in ("ES256", "RS256", "EdDSA"):  # each sealed anew, with the new secret
        await keys.rotate(database, KeyRing(new, (old,)), alg, clock.now())
    clock.advance(3600 * 24 * 60)
    await KeyStore(database, KeyRing(new)).ensure_keys(clock.now())  # the old one may go now
