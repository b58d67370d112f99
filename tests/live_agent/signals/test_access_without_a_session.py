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
from support.office import ACME, BASE, ISSUER, Office

BOSS: dict[str, Any] = {
    "subject": "boss",
    "email": "boss@acme.example",
    "name": "The Boss",
    "roles": ("administrator",),
}
OTHER = "b" * 24


async def tell(office: Office, kind: str, whom: Any, **said: Any) -> None:
    now = office.now
    claims = event_claims(ISSUER, "desk", now, whom, kind, **said)
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
    ("kind", "of_everybody"),
    [
        (CAEP + "session-revoked", True),
        (RISC + "account-disabled", True),
        (CAEP + "session-revoked", False),
        (RISC + "account-disabled", False),
        (RISC + "account-purged", False),
    ],
    ids=["organisation", "organisation suspended", "revoked", "disabled", "deleted"],
)
async def test_tokens_and_emergency_links_end_with_the_access(
    office: Office,
    kind: str,
    of_everybody: bool,  # noqa: FBT001 - a parameter
):
    token = await made_token(office)
    link = await emergency_link(office, (await office.enter(**BOSS)).user_id)
    assert await works(office, token)
    assert await opens(office, link)
    other = organisation(OTHER) if of_everybody else person(ISSUER, "somebody-else")
    await tell(office, kind, other, access_revision=2)
    assert await works(office, token), "another's"
    assert await opens(office, link), "another's"
    mine = organisation(ACME) if of_everybody else person(ISSUER, "boss")
    await tell(office, kind, mine, access_revision=2)
    assert not await works(office, token)
    assert not await opens(office, link)


async def test_with_the_organisation_those_end_who_have_not_moved_yet(office: Office):
    """They are signed in with an old password, or about to prove who they are."""
    await office.add_old_user(email="old@acme.example")
    old = office.browser()
    assert (await office.old_login(old, "old@acme.example")).status_code == 303
    assert (await old.get(office.dashboard)).status_code == 200
    await office.add_old_user()
    waiting = await office.pending_browser(email_verified=False)
    assert (await waiting.get("/login/link")).status_code == 200
    await tell(office, CAEP + "session-revoked", organisation(ACME))
    assert (await old.get(office.dashboard)).status_code != 200
    assert (await waiting.get("/login/link")).status_code != 200
