"""Whatever ends or changes access is noted for Live Agent, in the transaction of the change."""

import inspect
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select, update
from starlette.applications import Starlette

from cognigy_ai.db.tables import grants, sessions, signals, users
from cognigy_ai.organisations import actions as organisations
from cognigy_ai.sessions import actions as sessions_
from cognigy_ai.tokens import actions as tokens
from cognigy_ai.tokens import applications
from cognigy_ai.users import actions as people
from cognigy_ai.users import emails, links, logins, security
from cognigy_ai.users.policy import DEFAULT
from cognigy_ai.users.rules import NewUser, PasswordLink, User
from cognigy_ai.users.standing import Guessed
from cognigy_ai.users.store import emails as email_store
from cognigy_ai.users.store import links as link_store
from kernel.db import Database, Tx
from kernel.emails import email_key
from support.clock import FrozenClock
from support.platform import OUTBOX
from support.relying_party import RelyingParty

ACME = "a" * 24
DIGEST = "$argon2id$another"
REVOKED, CLAIMS, CREDENTIAL = "session_revoked", "claims_changed", "credential_changed"


@dataclass(frozen=True)
class At:
    """What a deed is done to: Ada, who is signed in and whose grant Live Agent holds."""

    tx: Tx
    ada: User
    session: str
    now: int


class Undo(Exception):  # noqa: N818
    """Nothing of it stays."""


Deed = Callable[[At], Awaitable[Any]]


async def _ready(at: At, *, disabled: bool = False, suspended: bool = False) -> None:
    """As it has to be before a deed that undoes something; what that notes is not looked at."""
    if disabled:
        await people.disable(at.tx, at.ada.id, at.now)
    if suspended:
        await organisations.suspend(at.tx, OUTBOX, ACME, at.now)


async def _redeem(at: At) -> None:
    await at.tx.one(update(users).values(email_verified=0))
    link = PasswordLink(at.ada.id, "reset", email_key(at.ada.email))
    await link_store.add_link(at.tx, "link", link, at.now, at.now + 60)
    assert await links.redeem(at.tx, OUTBOX, "link", DIGEST, at.now)


async def _apply_address(at: At) -> None:
    values: dict[str, object] = {
        "link": "link",
        "user": at.ada.id,
        "email": "king@acme.example",
        "email_key": "king@acme.example",
        "asked_by": at.ada.id,
        "letter": None,
        "now": at.now,
        "until": at.now + 60,
    }
    await email_store.add(at.tx, values)
    assert await emails.apply(at.tx, OUTBOX, "link", at.now)


# Each deed, and the kinds that it notes about Ada or Acme, in their order.
DEEDS: dict[Any, tuple[Deed, list[str]]] = {
    people.change: (
        lambda at: people.change(at.tx, at.ada.id, name="Ada L", locale="de", now=at.now),
        [CLAIMS],
    ),
    people.set_verified: (
        lambda at: people.set_verified(at.tx, at.ada.id, at.now, verified=False),
        [CLAIMS],
    ),
    people.set_roles: (
        lambda at: people.set_roles(at.tx, at.ada.id, ("liveAgentAgent",), at.now),
        [CLAIMS],
    ),
    people.add_role: (
        lambda at: people.add_role(at.tx, at.ada.id, "liveAgentAgent", at.now),
        [CLAIMS],
    ),
    people.remove_role: (
        lambda at: people.remove_role(at.tx, at.ada.id, "liveAgentAdmin", at.now),
        [CLAIMS],
    ),
    people.disable: (
        lambda at: people.disable(at.tx, at.ada.id, at.now),
        ["account_disabled"],
    ),
    people.enable: (
        lambda at: people.enable(at.tx, at.ada.id, at.now),
        ["account_enabled"],
    ),
    people.delete: (
        lambda at: people.delete(at.tx, at.ada.id, at.now),
        ["account_purged"],
    ),
    people.set_address: (
        lambda at: people.set_address(
            at.tx, at.ada.id, "king@acme.example", at.now, verified=False
        ),
        [CLAIMS],
    ),
    people.end_access: (
        lambda at: people.end_access(at.tx, at.ada.id, at.now),
        [REVOKED],
    ),
    people.set_password: (
        lambda at: people.set_password(at.tx, at.ada.id, DIGEST, at.now),
        [REVOKED, CREDENTIAL],
    ),
    people.change_password: (
        lambda at: _change_password(at, keep="another"),
        [REVOKED, CREDENTIAL],
    ),
    logins.disable_guessed: (
        lambda at: logins.disable_guessed(at.tx, Guessed(at.ada.id, ACME, 9, None), at.now),
        ["account_disabled"],
    ),
    links.redeem: (_redeem, [REVOKED, CREDENTIAL, CLAIMS]),
    emails.apply: (_apply_address, [CLAIMS]),
    security.enforce_policy: (
        lambda at: security.enforce_policy(at.tx, ACME, DEFAULT, at.now),
        [REVOKED, CREDENTIAL],
    ),
    security.set_two_step_required: (
        lambda at: security.set_two_step_required(at.tx, ACME, required=True, now=at.now),
        [REVOKED],
    ),
    organisations.suspend: (
        lambda at: organisations.suspend(at.tx, OUTBOX, ACME, at.now),
        ["account_disabled"],
    ),
    organisations.resume: (
        lambda at: organisations.resume(at.tx, OUTBOX, ACME, at.now),
        ["account_enabled"],
    ),
    sessions_.end: (
        lambda at: sessions_.end(at.tx, at.session, at.now, "logout"),
        [REVOKED],
    ),
    sessions_.end_others: (
        lambda at: sessions_.end_others(at.tx, at.ada.id, "another", at.now),
        [REVOKED],
    ),
    sessions_.end_of_user: (
        lambda at: sessions_.end_of_user(at.tx, at.ada, at.session, at.now),
        [REVOKED],
    ),
    applications.disconnect: (
        lambda at: applications.disconnect(at.tx, at.ada, "desk", at.now),
        [REVOKED],
    ),
}
BEFORE: dict[Any, dict[str, bool]] = {
    people.enable: {"disabled": True},
    organisations.resume: {"suspended": True},
}
# Deeds that end nobody's access and change nothing of what applications are told.
SILENT = {
    people.create,  # nobody knows the person yet
    people.revoke_keys,  # of our own API; who calls it ends more
    links.new, links.invite, links.send_reset, links.send_resets, links.claim,
    emails.ask, emails.cancel,
    logins.note_password, logins.note_login, logins.count_failure,
    security.save_policy,
    organisations.create, organisations.rename, organisations.set_policy,
    organisations.keep_live_agent_account, organisations.put_live_agent_account,
    organisations.set_two_step_required,  # users.security ends what it ends
    sessions_.start,
    tokens.claim_code, tokens.issue_grant, tokens.give_consent,
}  # fmt: skip
MODULES = (people, logins, links, emails, security, organisations, sessions_, tokens, applications)


async def _change_password(at: At, keep: str) -> None:
    row = await at.tx.one(select(users.c.password_digest).where(users.c.id == at.ada.id))
    assert row is not None
    digest = row["password_digest"]
    assert await people.change_password(at.tx, at.ada, DIGEST, digest, at.now, keep)


@pytest.fixture
async def ada(signed_in: RelyingParty, database: Database) -> User:
    """Ada, with a grant of Live Agent."""
    await signed_in.tokens()
    return await people.get_by_email(database, "ada@acme.example", None)


async def session_of(database: Tx) -> str:
    row = await database.one(select(sessions.c.id))
    assert row is not None
    return str(row["id"])


async def noted(database: Tx) -> list[dict[str, Any]]:
    return [dict(row) for row in await database.all(select(signals).order_by(signals.c.position))]


def test_every_deed_is_told_or_is_known_to_be_silent() -> None:
    """A new deed has to say which it is."""
    deeds = {
        deed
        for module in MODULES
        for name, deed in inspect.getmembers(module, inspect.iscoroutinefunction)
        if not name.startswith("_") and "tx" in inspect.signature(deed).parameters
    }
    assert deeds - set(DEEDS) - SILENT == set()
    assert set(DEEDS) & SILENT == set()


async def test_every_change_is_noted_with_it(
    app: Starlette, ada: User, database: Database, clock: FrozenClock
) -> None:
    """Lesson 41; the revision is the one that the change left behind. Each deed is undone."""
    session = await session_of(database)
    for deed, (work, kinds) in DEEDS.items():
        with suppress(Undo):
            async with database.transaction() as tx:
                at = At(tx, ada, session, clock.now())
                await _ready(at, **BEFORE.get(deed, {}))
                before = len(await noted(tx))
                await work(at)
                _check(deed, kinds, (await noted(tx))[before:], await people.find(tx, ada.id))
                raise Undo
    assert await noted(database) == []  # what is undone is not told


def _check(deed: Any, kinds: list[str], rows: list[dict[str, Any]], ada: User | None) -> None:
    assert [row["kind"] for row in rows] == kinds, deed
    for row in rows:
        assert (row["receiver"], row["state"]) == ("@live-agent", "waiting"), deed
        assert row["organisation_id"] == ACME, deed
        if row["user_id"] is None:
            assert (row["subject"], row["access_revision"]) == (ACME, None), deed
        else:
            assert row["subject"] == row["user_id"], deed
            revision = 2 if ada is None else ada.access_revision
            assert row["access_revision"] == revision, deed


async def test_who_keeps_this_session_has_the_others_told_one_by_one(
    app: Starlette, ada: User, database: Database, clock: FrozenClock
) -> None:
    """What was granted in the session that changed the password goes on at the desk too."""
    kept = await session_of(database)
    async with database.transaction() as tx:
        await _change_password(At(tx, ada, kept, clock.now()), keep=kept)
    assert [row["kind"] for row in await noted(database)] == [CREDENTIAL]
    grant = await database.one(select(grants.c.revoked_at))
    assert grant is not None
    assert grant["revoked_at"] is None


async def test_a_session_without_a_grant_is_nobodys_business(
    app: Starlette, signed_in: RelyingParty, database: Database, clock: FrozenClock
) -> None:
    async with database.transaction() as tx:
        await sessions_.end(tx, await session_of(tx), clock.now(), "logout")
    assert await noted(database) == []


async def test_a_reused_refresh_token_ends_the_session_at_the_desk(
    app: Starlette, signed_in: RelyingParty, database: Database, clock: FrozenClock
) -> None:
    """RFC 9700 section 4.14.2: whoever else holds the token is out as well."""
    held = await signed_in.tokens()
    await signed_in.refresh(held["refresh_token"])
    clock.advance(31)
    answer = await signed_in.refresh(held["refresh_token"])
    assert answer.json()["error"] == "invalid_grant"
    rows = await noted(database)
    assert [(row["kind"], row["session_id"]) for row in rows] == [
        (REVOKED, await session_of(database))
    ]


async def test_a_replayed_code_ends_the_session_at_the_desk(
    app: Starlette, signed_in: RelyingParty, database: Database
) -> None:
    """RFC 6749 section 4.1.2."""
    await signed_in.tokens()
    await signed_in.redeem()
    assert [row["kind"] for row in await noted(database)] == [REVOKED]


async def test_an_application_that_ends_its_own_token_is_not_told_of_it(
    app: Starlette, signed_in: RelyingParty, database: Database
) -> None:
    held = await signed_in.tokens()
    await signed_in.post("/auth/oauth2/revoke", {"token": held["refresh_token"]})
    assert await noted(database) == []


async def test_a_person_created_is_told_to_nobody(
    app: Starlette, database: Database, clock: FrozenClock
) -> None:
    new = NewUser(ACME, "new@acme.example", "New", ("liveAgentAgent",))
    async with database.transaction() as tx:
        await people.create(tx, new, clock.now())
    assert await noted(database) == []
