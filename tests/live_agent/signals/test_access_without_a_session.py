"""What works without a session of the platform ends with the person's or organisation's access."""

from typing import Any

import httpx
import pytest

from live_agent.api_tokens import actions as api_tokens
from live_agent.break_glass import actions as break_glass
from live_agent.break_glass.actions import Order
from live_agent.signals import actions as signals
from live_agent.signals.rules import event
from live_agent.signals.rules.event import Expected, Signal
from support.event_tokens import CAEP, RISC, event_claims, organisation, person
from support.office import ACME, BASE, ISSUER, Office, submit
from support.visitor import form_with

BOSS: dict[str, Any] = {
    "subject": "boss",
    "email": "boss@acme.example",
    "name": "The Boss",
    "roles": ("administrator",),
}
OTHER = "b" * 24


SUSPENDED = {"organisation_state": "suspended"}


async def tell(
    office: Office, kind: str, whom: Any, *, changed_at: int | None = None, **said: Any
) -> None:
    now = office.now
    claims = event_claims(ISSUER, "desk", changed_at or now, whom, kind, **said)
    signal = event.read(claims, Expected(ISSUER, "desk", 60), now)
    assert isinstance(signal, Signal)
    terms = signals.terms_of(office.state.settings)
    await signals.apply(office.database, signal, terms, "ABCDEFGHIJKL", now)


async def made_token(office: Office) -> str:
    """Of the boss, whose session it was made in."""
    session = await office.session((await office.enter(**BOSS)).session_secret)
    assert session is not None
    async with office.database.transaction() as tx:
        return await api_tokens.make(tx, session, "report", office.now)


async def emergency_link(office: Office, user_id: str) -> str:
    order = Order(office.account.id, user_id, "Cognigy.AI is down", "root")
    async with office.database.transaction() as tx:
        return await break_glass.make(tx, office.state.outbox, order, office.now)


async def works(office: Office, token: str) -> bool:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(office.app), base_url=BASE
    ) as program:
        answer = await program.get("/api/v1/profile", headers={"api_access_token": token})
    return answer.status_code == 200


async def opens(office: Office, link: str) -> bool:
    return (await office.browser().get(f"/break-glass/{link}")).status_code == 200


@pytest.mark.parametrize(
    ("kind", "of_everybody", "said"),
    [
        (CAEP + "session-revoked", True, SUSPENDED),
        (RISC + "account-disabled", True, {}),
        (CAEP + "session-revoked", False, {}),
        (RISC + "account-disabled", False, {}),
        (RISC + "account-purged", False, {}),
    ],
    ids=["organisation suspended", "organisation disabled", "revoked", "disabled", "deleted"],
)
async def test_tokens_and_emergency_links_end_with_the_access(
    office: Office,
    kind: str,
    of_everybody: bool,  # noqa: FBT001 - a parameter
    said: dict[str, str],
):
    token = await made_token(office)
    link = await emergency_link(office, (await office.enter(**BOSS)).user_id)
    assert await works(office, token)
    assert await opens(office, link)
    other = organisation(OTHER) if of_everybody else person(ISSUER, "somebody-else")
    await tell(office, kind, other, access_revision=2, **said)
    assert await works(office, token), "another's"
    assert await opens(office, link), "another's"
    mine = organisation(ACME) if of_everybody else person(ISSUER, "boss")
    await tell(office, kind, mine, access_revision=2, **said)
    assert not await works(office, token)
    assert not await opens(office, link)


async def test_with_a_suspended_organisation_those_end_who_have_not_moved_yet(office: Office):
    """They are signed in with an old password, or about to prove who they are."""
    await office.add_old_user(email="old@acme.example")
    old = office.browser()
    assert (await office.old_login(old, "old@acme.example")).status_code == 303
    assert (await old.get(office.dashboard)).status_code == 200
    await office.add_old_user()
    waiting = await office.pending_browser(email_verified=False)
    assert (await waiting.get("/login/link")).status_code == 200
    await tell(office, CAEP + "session-revoked", organisation(ACME), **SUSPENDED)
    assert (await old.get(office.dashboard)).status_code != 200
    assert (await waiting.get("/login/link")).status_code != 200


async def emergency_browser(office: Office, user_id: str) -> httpx.AsyncClient:
    browser = office.browser()
    path = f"/break-glass/{await emergency_link(office, user_id)}"
    entered = await submit(browser, form_with(await browser.get(path), to=path))
    assert entered.headers["location"] == office.dashboard
    return browser


async def is_in(office: Office, browser: httpx.AsyncClient) -> bool:
    return (await browser.get(office.dashboard)).status_code == 200


@pytest.mark.parametrize("said", [{}, {"organisation_state": "merged"}, {"organisation_state": 7}])
async def test_when_everybody_is_signed_out_there_the_doors_of_here_stay_open(
    office: Office, said: dict[str, Any]
):
    """As after "Save and enforce": only what began with a login of the platform is over."""
    boss = (await office.enter(**BOSS)).user_id
    signed_in = await office.signed_in_browser(**BOSS)
    token = await made_token(office)
    emergency = await emergency_browser(office, boss)
    link = await emergency_link(office, boss)
    await office.add_old_user(email="old@acme.example")
    old = office.browser()
    await office.old_login(old, "old@acme.example")
    await office.add_old_user()
    waiting = await office.pending_browser(email_verified=False)
    await tell(office, CAEP + "session-revoked", organisation(ACME), **said)
    assert not await is_in(office, signed_in)
    assert not await works(office, token)
    assert (await waiting.get("/login/link")).status_code != 200
    assert await is_in(office, emergency)
    assert await opens(office, link)
    assert await is_in(office, old)
    ended = [row for row in await office.rows("sessions") if row["ended_at"] is not None]
    assert {row["method"] for row in ended} == {"cognigy"}
    assert {row["ended_because"] for row in ended} == {"revoked"}
    (told,) = await office.events("session.ended")
    assert '"revoked"' in told["details"]
    assert told["user_id"] == boss


@pytest.mark.parametrize("said", [SUSPENDED, {}], ids=["suspended", "signed out"])
async def test_a_late_signal_of_the_organisation_ends_nothing_that_began_after_it(
    office: Office, said: dict[str, str]
):
    """As with `cognigy-ai signals replay`, when the organisation was resumed long ago."""
    changed_at = office.now
    office.clock.advance(60)
    signed_in = await office.signed_in_browser(**BOSS)
    token = await made_token(office)
    link = await emergency_link(office, (await office.enter(**BOSS)).user_id)
    await office.add_old_user(email="old@acme.example")
    old = office.browser()
    await office.old_login(old, "old@acme.example")
    await office.add_old_user()
    waiting = await office.pending_browser(email_verified=False)
    for revoked in (CAEP + "session-revoked", RISC + "account-disabled"):
        await tell(office, revoked, organisation(ACME), changed_at=changed_at, **said)
    assert await is_in(office, signed_in)
    assert await is_in(office, old)
    assert await works(office, token)
    assert await opens(office, link)
    assert (await waiting.get("/login/link")).status_code == 200


async def test_one_session_that_is_named_with_its_organisation_ends_alone(office: Office):
    """Complex subjects of Shared Signals: each further member narrows the subject."""
    mine = await office.signed_in_browser(**BOSS, sid="mine")
    other = await office.signed_in_browser(**BOSS, sid="another")
    session = {"session": {"format": "opaque", "id": "mine"}}
    for kind in (RISC + "account-disabled", RISC + "account-purged"):
        await tell(office, kind, organisation(ACME) | session)
    await tell(office, CAEP + "token-claims-change", organisation(ACME), claims={"roles": []})
    assert await is_in(office, mine), "these say nothing of a session or of a whole organisation"
    await tell(office, CAEP + "session-revoked", organisation(ACME) | session, **SUSPENDED)
    assert not await is_in(office, mine)
    assert await is_in(office, other)
    unread = organisation(ACME) | {"session": {"format": "opaque", "id": ""}}
    claims = event_claims(ISSUER, "desk", office.now, unread, CAEP + "session-revoked")
    assert isinstance(event.read(claims, Expected(ISSUER, "desk", 60), office.now), event.Rejected)
