"""Signals are pushed, each once and in order; a receiver that is down loses nothing.

RFC 8417, RFC 8935; OpenID Connect Back-Channel Logout 1.0.
"""

import asyncio
from asyncio import StreamWriter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs

import pytest
from starlette.applications import Starlette

from cognigy_ai.clients import actions as clients
from cognigy_ai.organisations import actions as organisations
from cognigy_ai.sessions import actions as sessions
from cognigy_ai.settings import Settings
from cognigy_ai.signals import actions as signals
from cognigy_ai.signals import rules, store
from cognigy_ai.signals.backlog import Backlog
from cognigy_ai.signals.rules import Signal, State
from cognigy_ai.signals.sender import LEASE_SECONDS, Sender
from cognigy_ai.users import actions as people
from cognigy_ai.users import security
from cognigy_ai.users.policy import DEFAULT
from cognigy_ai.users.rules import User
from kernel.db import Database, open_database
from kernel.jose import public_keys, verify
from kernel.metrics import Metrics
from kernel.settings import load
from live_agent.signals.rules import event as events
from live_agent.signals.rules import logout as logouts
from support.clock import FrozenClock
from support.peer import peer_that_says, reply, silence
from support.platform import OUTBOX
from support.relying_party import ISSUER, RelyingParty

ACME = "a" * 24
EVENTS = "/omniauth/cognigy/events"


@dataclass
class Receiver:
    """Live Agent and another application, on one socket; what they heard, in order."""

    url: str = ""
    heard: list[tuple[str, str, str]] = field(default_factory=list)  # path, media type, token
    answers: dict[str, str] = field(default_factory=dict)  # path to status; "" is silence
    body: bytes = b""
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def heard_of(self, wanted: str) -> None:
        while wanted not in [path for path, _, _ in self.heard]:
            self.news.clear()
            await self.news.wait()

    async def talk(self, raw: bytes, writer: StreamWriter) -> None:
        head, _, body = raw.decode().partition("\r\n\r\n")
        path = head.split(" ", 2)[1]
        media = head.lower().partition("content-type: ")[2].partition("\r\n")[0]
        token = parse_qs(body)["logout_token"][0] if "form" in media else body
        self.heard.append((path, media, token))
        self.news.set()
        status = self.answers.get(path, "202 Accepted")
        talk = reply(self.body, status) if status else silence
        await talk(raw, writer)


API = "COGNIGY_LIVE_AGENT_API_BASE_URL_WITH_PROTOCOL"
ENVIRONMENT = {
    "BACKEND_BASE_URL_WITH_PROTOCOL": ISSUER,
    "DEVELOPMENT_MODE": "true",
    "SECRET_KEY_BASE": "0123456789abcdef" * 4,
    "FEATURE_USE_COGNIGY_LIVE_AGENT": "true",
    "CLIENT_ID_COGNIGY_LIVE_AGENT": "desk",
    "CLIENT_SECRET_COGNIGY_LIVE_AGENT": "the-secret-of-the-desk-0123456789",
    "REDIRECT_URI_COGNIGY_LIVE_AGENT": "https://desk.example.com/omniauth/cognigy/callback",
}


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    found = Receiver()
    async with peer_that_says(found.talk) as peer:
        found.url = peer.url("")
        yield found


@pytest.fixture
def settings(database_url: str, receiver: Receiver) -> Settings:
    return load(Settings, ENVIRONMENT | {"DATABASE_URL": database_url, API: receiver.url})


@dataclass(frozen=True)
class Scene:
    """The platform, its sender, whom it tells, and two people of Acme."""

    app: Starlette
    database: Database
    clock: FrozenClock
    receiver: Receiver
    ada: User
    ben: User

    @property
    def sender(self) -> Sender:
        sender: Sender = self.app.state.signals
        return sender

    @property
    def now(self) -> int:
        return self.clock.now()


@pytest.fixture
async def scene(
    app: Starlette, database: Database, clock: FrozenClock, receiver: Receiver
) -> AsyncIterator[Scene]:
    ada = await people.get_by_email(database, "ada@acme.example", None)
    ben = await people.get_by_email(database, "ben@acme.example", None)
    yield Scene(app, database, clock, receiver, ada, ben)
    await app.state.transmitter.close()


async def claims_of(app: Starlette, token: str, typ: str, now: int) -> dict[str, Any]:
    return verify(token, public_keys(await app.state.keys.jwks(now)), typ=typ)


async def heard_events(app: Starlette, receiver: Receiver, now: int) -> list[events.Signal]:
    """As Live Agent reads them; one that it would not believe fails the test."""
    found = []
    for path, media, token in receiver.heard:
        if path == EVENTS:
            assert media == "application/secevent+jwt"
            claims = await claims_of(app, token, "secevent+jwt", now)
            read = events.read(claims, events.Expected(ISSUER, "desk", 60), now)
            assert isinstance(read, events.Signal), read
            found.append(read)
    return found


async def rows(database: Database, **chosen: str) -> list[Signal]:
    return list(reversed(await signals.list_(database, **chosen)))


async def end_and_disable(database: Database, user: User, now: int) -> None:
    for deed in (people.end_access, people.disable):
        async with database.transaction() as tx:
            await deed(tx, user.id, now)


async def test_live_agent_believes_what_it_is_told(scene: Scene) -> None:
    now = scene.now
    async with scene.database.transaction() as tx:
        await people.set_roles(tx, scene.ada.id, ("admin", "liveAgentAgent"), now)
        await people.set_password(tx, scene.ada.id, "digest", now)
        await people.disable(tx, scene.ada.id, now)
        await people.enable(tx, scene.ada.id, now)
        await people.delete(tx, scene.ada.id, now)
        await organisations.suspend(tx, OUTBOX, ACME, now)
    assert await scene.sender.send_due() == 7
    assert await scene.sender.send_due() == 0
    heard = await heard_events(scene.app, scene.receiver, now)
    kinds = events.Kind
    theirs = [signal.kind for signal in heard if signal.subject == scene.ada.id]
    # She is deleted by now, so what changed before is not told; that she is gone is.
    assert theirs == [
        kinds.SESSION_REVOKED,
        kinds.CREDENTIAL_CHANGED,
        kinds.ACCOUNT_DISABLED,
        kinds.ACCOUNT_ENABLED,
        kinds.ACCOUNT_PURGED,
    ]
    revisions = [signal.access_revision for signal in heard if signal.subject == scene.ada.id]
    assert revisions == sorted(r for r in revisions if r is not None)
    tenant = next(signal for signal in heard if signal.subject is None)
    assert (tenant.kind, tenant.organisation) == (kinds.SESSION_REVOKED, ACME)
    assert tenant.suspends
    assert {row.state for row in await rows(scene.database)} == {State.DELIVERED, State.DROPPED}


async def test_who_is_only_signed_out_is_not_told_to_be_suspended(scene: Scene) -> None:
    """An enforced policy and a suspension: one event, and its `organisation_state` differs."""
    async with scene.database.transaction() as tx:
        await security.enforce_policy(tx, ACME, DEFAULT, scene.now)
        await organisations.suspend(tx, OUTBOX, ACME, scene.now)
    while await scene.sender.send_due():
        pass
    heard = await heard_events(scene.app, scene.receiver, scene.now)
    told = [(one.kind, one.organisation_state) for one in heard if one.ends_organisation]
    revoked = events.Kind.SESSION_REVOKED
    assert told == [(revoked, None), (revoked, "suspended")]


async def test_what_changed_is_told_as_it_is_now_with_its_revision(scene: Scene) -> None:
    async with scene.database.transaction() as tx:
        await people.remove_role(tx, scene.ada.id, "liveAgentAdmin", scene.now)
    await scene.sender.send_due()
    token = scene.receiver.heard[0][2]
    claims = await claims_of(scene.app, token, "secevent+jwt", scene.now)
    ((kind, event),) = claims["events"].items()
    assert kind.endswith("/token-claims-change")
    assert event["claims"] == {
        "name": "Ada King",
        "email": "ada@acme.example",
        "email_verified": True,
        "roles": ["admin", "base_role"],
    }
    assert event["access_revision"] == scene.ada.access_revision + 1
    assert claims["toe"] == claims["iat"] == event["event_timestamp"] == scene.now
    # The database's clock is far from that of the test: the whole seconds are believed.
    assert event["event_timestamp_ms"] == scene.now * 1000


async def test_each_person_is_told_in_order_and_nobody_waits_for_another(scene: Scene) -> None:
    await end_and_disable(scene.database, scene.ada, scene.now)
    async with scene.database.transaction() as tx:
        await people.end_access(tx, scene.ben.id, scene.now)
    leased = await store.lease(scene.database, store.LIVE_AGENT, 8, LEASE_SECONDS, scene.now)
    assert [(one.user_id, one.kind.value) for one in leased] == [
        (scene.ada.id, "session_revoked"),
        (scene.ben.id, "session_revoked"),
    ]
    # Ada's second waits for the first, which is under way.
    assert await scene.sender.send_due() == 0
    scene.clock.advance(LEASE_SECONDS)  # whoever had them died
    assert await scene.sender.send_due() == 3
    assert len(scene.receiver.heard) == 3


async def test_while_it_is_down_everything_waits_and_then_all_arrives(scene: Scene) -> None:
    scene.receiver.answers[EVENTS] = "503 Service Unavailable"
    await end_and_disable(scene.database, scene.ada, scene.now)
    for attempt in range(4):
        assert await scene.sender.send_due() == 1, attempt
        assert await scene.sender.send_due() == 0, "not again at once"
        scene.clock.advance(2**attempt)
    delivery = await signals.find_delivery(scene.database, ACME)
    assert delivery is not None
    assert (delivery.waiting, delivery.delivered_at) == (2, None)
    assert delivery.reason == "answered 503"
    assert delivery.failing_since == delivery.waiting_since == scene.now - 15
    scene.receiver.answers.clear()
    assert await scene.sender.send_due() == 2
    delivery = await signals.find_delivery(scene.database, ACME)
    assert delivery is not None
    assert (delivery.waiting, delivery.reason) == (0, None)
    assert delivery.delivered_at == scene.now
    heard = await heard_events(scene.app, scene.receiver, scene.now)
    assert len({signal.jti for signal in heard}) == 2


@pytest.mark.parametrize(
    ("status", "body", "attempts", "state"),
    [
        (202, b"", 1, State.DELIVERED),
        (400, b'{"err": "invalid_request", "description": "no"}', 1, State.REFUSED),
        (400, b'{"err": "invalid_audience"}', 1, State.REFUSED),
        (400, b'{"err": "invalid_key"}', 1, State.WAITING),
        (400, b'{"err": "authentication_failed"}', 7, State.WAITING),
        (400, b'{"err": "invalid_key"}', 8, State.REFUSED),
        (400, b'{"message": "of a proxy"}', 99, State.WAITING),
        (400, b'["err"]', 1, State.WAITING),
        (400, b"[" * 100_000, 1, State.WAITING),
        (404, b"{}", 1, State.WAITING),
        (503, b"", 99, State.WAITING),
    ],
)
def test_only_an_error_of_the_receiver_ends_the_matter(
    status: int, body: bytes, attempts: int, state: State
) -> None:
    """RFC 8935 section 2.3; a key of ours may be known there a moment later."""
    verdict = rules.judge_event(status, body, attempts)
    assert verdict.state is state
    assert (verdict.because is None) == (state is State.DELIVERED)


async def test_what_is_refused_is_not_sent_again_and_the_next_is(scene: Scene) -> None:
    scene.receiver.answers[EVENTS] = "400 Bad Request"
    scene.receiver.body = rb'{"err": "invalid_request", "description": "no such\u0007thing"}'
    await end_and_disable(scene.database, scene.ada, scene.now)
    assert await scene.sender.send_due() == 2
    scene.clock.advance(3600)
    assert await scene.sender.send_due() == 0
    for row in await rows(scene.database):
        assert (row.state, row.last_error) == (State.REFUSED, "invalid_request: no suchthing")


async def test_of_two_senders_each_sends_what_the_other_does_not(
    scene: Scene, database_url: str, engine: str
) -> None:
    if engine == "sqlite":
        pytest.skip("one process")
    for user in (scene.ada, scene.ben) * 5:
        async with scene.database.transaction() as tx:
            await people.end_access(tx, user.id, scene.now)
    other = await open_database(database_url)
    try:
        second = Sender(other, scene.clock, scene.app.state.transmitter)
        while any(await asyncio.gather(scene.sender.send_due(), second.send_due())):
            pass
    finally:
        await other.close()
    heard = await heard_events(scene.app, scene.receiver, scene.now)
    assert len(heard) == 10
    for user in (scene.ada, scene.ben):
        revisions = [one.access_revision or 0 for one in heard if one.subject == user.id]
        assert revisions == sorted(revisions)
        assert len(set(revisions)) == 5


async def test_a_receiver_that_says_nothing_keeps_no_other_waiting(
    scene: Scene, some_app: RelyingParty
) -> None:
    """And the task that sends goes on looking meanwhile."""
    await open_back_channel(scene)
    scene.receiver.answers[EVENTS] = ""
    await log_in_to_app(some_app)
    task = asyncio.create_task(scene.sender.run())
    try:
        async with scene.database.transaction() as tx:
            await people.end_access(tx, scene.ada.id, scene.now)
        async with asyncio.timeout(20):
            await scene.receiver.heard_of("/back")
            await scene.receiver.heard_of(EVENTS)
    finally:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_the_reason_names_no_inner_address(scene: Scene) -> None:
    """Administrators of an organisation read it; the log has the rest."""
    state = scene.app.state.all
    nobody = state.settings.model_copy(
        update={"cognigy_live_agent_api_base_url_with_protocol": "http://127.0.0.1:9"}
    )
    transmitter = type(state.transmitter)(nobody, scene.database, state.keys, scene.clock)
    async with scene.database.transaction() as tx:
        await people.end_access(tx, scene.ada.id, scene.now)
    assert await Sender(scene.database, scene.clock, transmitter).send_due() == 1
    assert [row.last_error for row in await rows(scene.database)] == ["unreachable"]
    await transmitter.close()


async def test_nobody_is_told_while_the_login_of_live_agent_is_off(scene: Scene) -> None:
    state = scene.app.state.all
    off = state.settings.model_copy(update={"feature_use_cognigy_live_agent": False})
    transmitter = type(state.transmitter)(off, scene.database, state.keys, scene.clock)
    async with scene.database.transaction() as tx:
        await people.end_access(tx, scene.ada.id, scene.now)
    assert await Sender(scene.database, scene.clock, transmitter).send_due() == 1
    assert [row.state for row in await rows(scene.database)] == [State.DROPPED]
    assert scene.receiver.heard == []
    await transmitter.close()


async def test_a_replay_is_told_under_a_new_id(scene: Scene) -> None:
    await end_and_disable(scene.database, scene.ada, scene.now)
    await scene.sender.send_due()
    first, _ = await rows(scene.database)
    async with scene.database.transaction() as tx:
        again = await signals.replay(tx, first.id, scene.now)
    assert again != first.id
    await scene.sender.send_due()
    heard = await heard_events(scene.app, scene.receiver, scene.now)
    assert [one.jti for one in heard][-1] == again
    assert (heard[-1].kind, heard[-1].access_revision) == (heard[0].kind, heard[0].access_revision)


async def test_what_is_settled_is_forgotten_and_what_nobody_takes_is_given_up(scene: Scene) -> None:
    async with scene.database.transaction() as tx:
        await people.end_access(tx, scene.ada.id, scene.now)
    await scene.sender.send_due()
    scene.receiver.answers[EVENTS] = "503 Service Unavailable"
    async with scene.database.transaction() as tx:
        await people.end_access(tx, scene.ben.id, scene.now)
    await scene.sender.send_due()
    assert await signals.prune(scene.database, scene.now) == 0
    scene.clock.advance(30 * 86_400)
    assert await signals.prune(scene.database, scene.now) == 1
    assert [row.state for row in await rows(scene.database)] == [State.REFUSED]


async def open_back_channel(scene: Scene) -> None:
    async with scene.database.transaction() as tx:
        client = await clients.get(tx, "app")
        url = scene.receiver.url + "/back"
        await clients.change(tx, replace(client, backchannel_logout_uri=url), scene.now)


async def log_in_to_app(party: RelyingParty) -> dict[str, Any]:
    """Ada signs in, agrees, and the application has its tokens."""
    shown = await party.log_in()
    if not party.code:
        page = await party.http.get(shown.headers["location"])
        await party.submit(page, decision="allow")
    body: dict[str, Any] = (await party.redeem()).json()
    assert "access_token" in body, body
    return body


async def test_another_application_is_told_of_the_end_of_its_session(
    scene: Scene, some_app: RelyingParty
) -> None:
    """Back-Channel Logout sections 2.4 and 2.5."""
    await open_back_channel(scene)
    await log_in_to_app(some_app)
    (session,) = await sessions.list_of_user(scene.database, scene.ada.id, scene.now)
    async with scene.database.transaction() as tx:
        await sessions.end(tx, session.id, scene.now, "logout")
    scene.clock.advance(30 * 60)  # an hour later a token is made anew: it lives for two minutes
    await scene.sender.send_due()
    ((path, _, token),) = scene.receiver.heard
    assert path == "/back"
    claims = await claims_of(scene.app, token, "logout+jwt", scene.now)
    read = logouts.read(claims, ISSUER, "app", 60, scene.now)
    assert isinstance(read, logouts.Logout), read
    assert (read.subject, read.sid) == (scene.ada.id, session.id)
    assert claims["exp"] == claims["iat"] + 120


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (200, State.DELIVERED),
        (204, State.DELIVERED),
        (400, State.REFUSED),
        (404, State.WAITING),
        (429, State.WAITING),
        (500, State.WAITING),
    ],
)
def test_what_the_application_answers_decides(status: int, state: State) -> None:
    """Back-Channel Logout section 2.8."""
    assert rules.judge_logout(status).state is state


async def test_an_application_without_a_back_channel_is_not_told(
    scene: Scene, some_app: RelyingParty
) -> None:
    await log_in_to_app(some_app)
    async with scene.database.transaction() as tx:
        await people.disable(tx, scene.ada.id, scene.now)
    assert [row.receiver for row in await rows(scene.database)] == [signals.LIVE_AGENT]


async def test_the_backlog_is_told_to_prometheus(scene: Scene):
    """How many wait, since when, and how many were refused for good."""
    metrics = Metrics(on=True)
    backlog = Backlog(metrics, scene.database, scene.clock)

    async def told() -> list[float | None]:
        await backlog.look()
        names = ("waiting", "oldest_seconds", "refused")
        return [metrics.registry().get_sample_value(f"cognigy_ai_signals_{name}") for name in names]

    assert await told() == [0, 0, 0]
    await end_and_disable(scene.database, scene.ada, scene.now)
    scene.clock.advance(90)
    waiting, oldest, refused = await told()
    assert waiting
    assert (oldest, refused) == (90, 0)
    for one in await signals.list_(scene.database, state="waiting"):
        await store.settle(scene.database, one.id, State.REFUSED, "invalid_key", scene.now)
    assert await told() == [0, 0, waiting]
