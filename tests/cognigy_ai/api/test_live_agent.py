"""What Live Agent asks of an organisation: its own client only, its own organisation only."""

import httpx
import pytest
from sqlalchemy import update

from cognigy_ai.db.tables import users
from cognigy_ai.tokens import actions as tokens
from cognigy_ai.users.rules import User
from support.platform import ACME, BASE, Platform

GLOBEX = "b" * 24
PEOPLE = "/v2.0/live-agent/people"


async def desk(
    platform: Platform, organisation_id: str | None = ACME, client: str = ""
) -> httpx.AsyncClient:
    client_id = client or platform.app.state.settings.client_id_cognigy_live_agent
    made = await tokens.issue_for_client(
        platform.database, client_id, organisation_id, 900, platform.now
    )
    assert made is not None
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(platform.app),
        base_url=BASE,
        headers={"authorization": f"Bearer {made.access_token}"},
    )


async def test_live_agent_reads_what_a_login_would_say(acme: Platform):
    bob = await acme.add_user("Bob@acme.example", roles=("liveAgentAgent",))
    async with await desk(acme) as http:
        answer = await http.get(PEOPLE)
    assert answer.status_code == 200, answer.text
    (one,) = answer.json()["items"]
    assert one["sub"] == bob.id
    assert (one["email"], one["email_verified"]) == ("Bob@acme.example", bob.email_verified)
    assert "liveAgentAgent" in one["roles"]
    assert (one["disabled"], one["access_revision"]) == (False, bob.access_revision)
    assert answer.json()["nextCursor"] is None


async def test_people_come_in_pages_and_nobody_twice(acme: Platform):
    made = {(await acme.add_user(f"p{n}@acme.example")).id for n in range(7)}
    seen: list[str] = []
    async with await desk(acme) as http:
        after: dict[str, str] = {}
        while True:
            answer = (await http.get(PEOPLE, params={"limit": "3", **after})).json()
            seen += [one["sub"] for one in answer["items"]]
            if answer["nextCursor"] is None:
                break
            after = {"next": answer["nextCursor"]}
    assert len(seen) == len(set(seen))
    assert set(seen) == made


async def test_whoever_changes_the_address_between_two_pages_is_told_all_the_same(acme: Platform):
    """Whoever is missing would be taken for deleted, and erased at the desk."""
    made = sorted([await acme.add_user(f"p{n}@acme.example") for n in range(4)], key=lambda u: u.id)
    async with await desk(acme) as http:
        first = (await http.get(PEOPLE, params={"limit": "2"})).json()
        async with acme.database.transaction() as tx:
            statement = update(users).where(users.c.id == made[2].id)
            key = "a@acme.example"  # before everybody else
            await tx.one(statement.values(email=key, email_key=key))
        rest = (await http.get(PEOPLE, params={"next": first["nextCursor"]})).json()
    assert [one["sub"] for one in first["items"] + rest["items"]] == [one.id for one in made]


async def test_a_token_of_one_organisation_never_reads_another(acme: Platform):
    await acme.add_user("ada@acme.example")
    await acme.add_organisation(GLOBEX, "Globex")
    async with await desk(acme, GLOBEX) as http:
        assert (await http.get(PEOPLE)).json()["items"] == []
        for parameter in ("organisation", "organisationId"):  # there is nothing to name one with
            assert (await http.get(PEOPLE, params={parameter: ACME})).status_code == 400
    async with await desk(acme, None) as http:
        assert (await http.get(PEOPLE)).status_code == 403


async def test_nobody_else_reads_it(
    acme: Platform, api: httpx.AsyncClient, operator: httpx.AsyncClient
):
    for caller in (api, operator):
        answer = await caller.get(PEOPLE)
        assert (answer.status_code, answer.json()["code"]) == (403, "permission_missing")


@pytest.mark.parametrize("cursor", ["", "nonsense"])
async def test_a_cursor_that_was_not_ours_is_refused(acme: Platform, admin: User, cursor: str):
    async with await desk(acme) as http:
        assert (await http.get(PEOPLE, params={"next": cursor})).status_code == 400
