"""/profile/applications: what I let applications know, and how that ends."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest
from sqlalchemy import bindparam, insert, select

from cognigy_ai.clients import actions as clients
from cognigy_ai.clients.rules import Client
from cognigy_ai.db.tables import audit_events, grants
from cognigy_ai.sessions import actions as sessions
from cognigy_ai.tokens import actions as tokens
from kernel.opaque import new_id
from support.platform import BASE, Platform, submit
from support.visitor import forms_of

PAGE = "/profile/applications"
DAY = 24 * 3600
APP = Client("an-app", "Some <b>App</b>", auth_method="none", redirect_uris=("https://a.example/",))
ADD_GRANT = insert(grants)
STATE = select(grants.c.revoked_because).where(grants.c.id == bindparam("grant"))
EVENTS = select(audit_events.c.event, audit_events.c.organisation_id, audit_events.c.details)


@dataclass
class Person:
    """Somebody with a browser."""

    id: str
    http: httpx.AsyncClient


@pytest.fixture
async def ada(acme: Platform) -> AsyncIterator[Person]:
    user = await acme.add_user()
    async with acme.database.transaction() as tx:
        await clients.register(tx, APP, None, acme.now)
        secret, _ = await sessions.start(tx, user.id, "pwd", DAY, "", acme.now)
    async with acme.browser() as browser:
        browser.cookies.set("ai_8000_session", secret)
        yield Person(user.id, browser)


async def grant(
    platform: Platform, user_id: str, client_id: str = "an-app", scope: str = "openid email"
) -> str:
    grant_id = new_id()
    values = dict.fromkeys(column.name for column in grants.columns)
    values |= {
        "id": grant_id,
        "client_id": client_id,
        "user_id": user_id,
        "scope": scope,
        "access_scope": scope,
        "access_fingerprint": new_id(),
        "access_issued_at": platform.now,
        "access_expires_at": platform.now + 900,
        "created_at": platform.now,
        "expires_at": platform.now + DAY,
    }
    await platform.database.one(ADD_GRANT, **values)
    return grant_id


async def consent(platform: Platform, user_id: str, client_id: str = "an-app") -> None:
    async with platform.database.transaction() as tx:
        await tokens.give_consent(tx, user_id, client_id, "email openid roles", platform.now)


async def revoked(platform: Platform, grant_id: str) -> str | None:
    row = await platform.database.one(STATE, grant=grant_id)
    assert row is not None
    return row["revoked_because"]


async def test_without_applications_the_page_says_so(ada: Person) -> None:
    page = (await ada.http.get(PAGE)).text
    assert "<title>Applications · Cognigy.AI</title>" in page
    assert "No application is connected" in page


async def test_an_application_is_shown_once_with_all_that_it_may_know(
    acme: Platform, ada: Person
) -> None:
    await grant(acme, ada.id)
    await grant(acme, ada.id, scope="openid organisation")
    await consent(acme, ada.id)
    page = (await ada.http.get(PAGE)).text
    assert page.count("Some &lt;b&gt;App&lt;/b&gt;</h2>") == 1
    for shown in ("Your e-mail address", "Your organisation", "Your roles in Cognigy.AI"):
        assert shown in page
    assert "Your name and your language" not in page


async def test_live_agent_and_a_client_that_is_gone_have_names_too(
    acme: Platform, ada: Person
) -> None:
    await grant(acme, ada.id, "cognigy-live-agent")
    await grant(acme, ada.id, "was-removed")
    page = (await ada.http.get(PAGE)).text
    assert "<h2>Live Agent</h2>" in page
    assert "<h2>was-removed</h2>" in page


async def test_disconnecting_takes_grants_and_consent_back(acme: Platform, ada: Person) -> None:
    theirs = await grant(acme, ada.id)
    kept = await grant(acme, ada.id, "cognigy-live-agent")
    await consent(acme, ada.id)
    answer = await submit(ada.http, await ada.http.get(PAGE), f"{PAGE}/an-app/disconnect")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PAGE}?disconnected")
    page = (await ada.http.get(answer.headers["location"])).text
    assert "The application is disconnected." in page
    assert "App" not in page.replace("Application", "")
    assert await revoked(acme, theirs) == "disconnected"
    assert await revoked(acme, kept) is None
    assert await tokens.find_consent(acme.database, ada.id, "an-app") == frozenset()
    told = [row for row in await acme.database.all(EVENTS) if row["event"].startswith("applic")]
    assert [(row["organisation_id"], "an-app" in row["details"]) for row in told] == [
        ("a" * 24, True)
    ]


async def test_a_colleague_keeps_the_application(acme: Platform, ada: Person) -> None:
    bob = await acme.add_user("bob@acme.example")
    theirs = await grant(acme, bob.id)
    await consent(acme, bob.id)
    await grant(acme, ada.id)
    await submit(ada.http, await ada.http.get(PAGE), f"{PAGE}/an-app/disconnect")
    assert await revoked(acme, theirs) is None
    assert await tokens.find_consent(acme.database, bob.id, "an-app")


@pytest.mark.parametrize("client_id", ["an-app", "another", "x" * 2000, "%3Cb%3E"])
async def test_to_disconnect_what_is_not_connected_does_no_harm(
    acme: Platform, ada: Person, client_id: str
) -> None:
    await grant(acme, ada.id, "cognigy-live-agent")
    form = next(f for f in forms_of((await ada.http.get(PAGE)).text) if PAGE in f.action)
    action = f"{PAGE}/{client_id}/disconnect"
    answer = await ada.http.post(action, data=form.fields, headers={"origin": BASE})
    assert (answer.status_code, answer.headers["location"]) == (303, PAGE)


async def test_what_expired_is_not_shown(acme: Platform, ada: Person) -> None:
    await grant(acme, ada.id)
    acme.clock.advance(DAY - 1)
    assert "Disconnect" in (await ada.http.get(PAGE)).text
    found = await tokens.find_consent(acme.database, ada.id, "an-app")
    assert found == frozenset()


async def test_a_consent_without_a_grant_is_shown_as_not_used(acme: Platform, ada: Person) -> None:
    await consent(acme, ada.id)
    assert "not at present" in (await ada.http.get(PAGE)).text
