"""What the platform tells a doctor, and what it tells nobody."""

import json
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from starlette.applications import Starlette

from cognigy_ai.db.tables import audit_events
from cognigy_ai.organisations import actions as organisations
from cognigy_ai.settings import Settings
from kernel.db import Database
from kernel.opaque import derive
from kernel.settings import load
from support.clock import FrozenClock
from support.platform import OUTBOX
from support.postgres import free_port
from support.relying_party import ISSUER, RelyingParty

PROBE, STORY = "/auth/oauth2/probe", "/auth/oauth2/story"
DESK_SECRET = "the-secret-of-the-desk-0123456789"
TOKEN = "platform-token-of-the-tests-0123456789"
NONCE = "a-nonce-of-the-tests-12345"
ACME, GLOBEX = "a" * 24, "b" * 24
CLIENT = {"client_id": "desk", "client_secret": DESK_SECRET, "nonce": NONCE}
BY_TOKEN = {"api_access_token": TOKEN}


@pytest.fixture
def settings(settings: Settings, database_url: str) -> Settings:
    """With a platform token, and Live Agent at an address where nobody answers."""
    given = {
        "BACKEND_BASE_URL_WITH_PROTOCOL": ISSUER,
        "SECRET_KEY_BASE": "0123456789abcdef" * 4,
        "DATABASE_URL": database_url,
        "FEATURE_USE_COGNIGY_LIVE_AGENT": "true",
        "CLIENT_ID_COGNIGY_LIVE_AGENT": "desk",
        "CLIENT_SECRET_COGNIGY_LIVE_AGENT": DESK_SECRET,
        "REDIRECT_URI_COGNIGY_LIVE_AGENT": "https://desk.example.com/omniauth/cognigy/callback",
        "COGNIGY_LIVE_AGENT_PLATFORM_TOKEN": TOKEN,
        "COGNIGY_LIVE_AGENT_API_BASE_URL_WITH_PROTOCOL": f"http://127.0.0.1:{free_port()}",
        "DEVELOPMENT_MODE": "true",
    }
    return load(Settings, given)


def fingerprint_of(secret: str) -> str:
    return derive(NONCE.encode(), "doctor", secret)


async def asked(http: httpx.AsyncClient, **changes: str) -> dict[str, Any]:
    answer = await http.post(PROBE, data={"nonce": NONCE} | changes, headers=BY_TOKEN)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    found: dict[str, Any] = answer.json()
    return found


async def test_either_credential_opens_it_and_no_secret_is_told(http: httpx.AsyncClient) -> None:
    by_token = await asked(http)
    by_client = (await http.post(PROBE, data=CLIENT)).json()
    assert (by_token["proved_by"], by_client["proved_by"]) == ("platform_token", "client")
    assert by_token["values"]["BACKEND_BASE_URL_WITH_PROTOCOL"] == ISSUER
    assert by_token["values"]["FEATURE_USE_COGNIGY_LIVE_AGENT"] == "true"
    assert by_token["client"]["id_token_alg"] == "ES256"
    assert "liveAgentAgent" in by_token["roles"]
    assert len(by_token["kids"]) >= 3
    for told in (json.dumps(by_token), json.dumps(by_client)):
        assert DESK_SECRET not in told
        assert TOKEN not in told
        assert fingerprint_of(DESK_SECRET) not in told


@pytest.mark.parametrize(
    ("form", "headers", "error"),
    [
        ({"nonce": NONCE}, {}, "invalid_client"),
        (CLIENT | {"client_secret": "another-one"}, {}, "invalid_client"),
        ({"nonce": NONCE}, {"api_access_token": TOKEN + "x"}, "invalid_token"),
        ({"nonce": NONCE}, {"api_access_token": ""}, "invalid_token"),
        (CLIENT, {"api_access_token": DESK_SECRET}, "invalid_token"),
        (CLIENT, BY_TOKEN | {"api-access-token": TOKEN + "x"}, "invalid_token"),
        (CLIENT | {"client_id": "app", "client_secret": "app-secret"}, {}, "unauthorized_client"),
        ({}, BY_TOKEN, "invalid_request"),
    ],
    ids=["nothing", "secret", "token", "empty", "both", "two tokens", "another client", "no nonce"],
)
@pytest.mark.parametrize("path", [PROBE, STORY])
async def test_nobody_else_is_answered(
    http: httpx.AsyncClient, path: str, form: dict[str, str], headers: dict[str, str], error: str
) -> None:
    answer = await http.post(path, data=form, headers=headers)
    assert answer.status_code in (400, 401)
    assert answer.json()["error"] == error
    assert "values" not in answer.json()


async def test_the_token_passes_a_proxy_that_drops_names_with_underscores(
    http: httpx.AsyncClient,
) -> None:
    for headers in ({"api-access-token": TOKEN}, BY_TOKEN | {"api-access-token": TOKEN}):
        answer = await http.post(PROBE, data={"nonce": NONCE}, headers=headers)
        assert answer.json()["proved_by"] == "platform_token"


async def test_wrong_tokens_are_counted_and_a_right_one_passes(http: httpx.AsyncClient) -> None:
    for _ in range(60):
        answer = await http.post(PROBE, data={"nonce": NONCE}, headers={"api_access_token": "x"})
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
    await asked(http)


async def test_secrets_are_compared_by_a_fingerprint_with_the_callers_nonce(
    http: httpx.AsyncClient,
) -> None:
    key = "client_secret_cognigy_live_agent"
    right, wrong = fingerprint_of(DESK_SECRET), fingerprint_of("another")
    for sent, told in (
        (right, "equal"),
        (wrong, "different"),
        (f"{wrong} {right}", "equal"),
        (f"{wrong} {wrong} {right}", "different"),
    ):
        assert (await asked(http, **{key: sent}))["secrets"][key.upper()] == told
    said = (await asked(http))["secrets"]
    assert said == {
        "CLIENT_SECRET_COGNIGY_LIVE_AGENT": "set",
        "CLIENT_SECRET_COGNIGY_LIVE_AGENT_PREVIOUS": "unset",
        "COGNIGY_LIVE_AGENT_PLATFORM_TOKEN": "set",
    }


async def test_organisations_that_are_asked_for_and_those_that_are_set_up(
    http: httpx.AsyncClient, database: Database, clock: FrozenClock
) -> None:
    async with database.transaction() as tx:
        await organisations.put_live_agent_account(tx, OUTBOX, ACME, 7, clock.now())
    said = await asked(http, organisations=f"{ACME} {'c' * 24} not-an-id")
    assert said["organisations"] == [
        {"id": ACME, "known": True, "suspended": False, "account": 7},
        {"id": "c" * 24, "known": False, "suspended": False, "account": None},
    ]
    assert said["set_up"] == [{"id": ACME, "account": 7}]
    only = await asked(http, organisations=ACME, organisations_only="true")
    assert only["set_up"] == []


async def test_the_way_back_is_tried_and_its_fault_named(
    app: Starlette, http: httpx.AsyncClient
) -> None:
    said = await asked(http, way_back="true")
    await app.state.live_agent.api.close()
    assert said["outcome"] == "unreachable"
    assert said["called"].startswith("http://127.0.0.1:")


async def test_discovery_names_the_probe(http: httpx.AsyncClient) -> None:
    document = (await http.get("/.well-known/openid-configuration")).json()
    assert document["cognigy_live_agent_probe_endpoint"] == f"{ISSUER}{PROBE}"


async def test_the_story_of_a_login_is_that_of_its_reference_and_organisation(
    desk: RelyingParty, database: Database
) -> None:
    await desk.log_in()
    row = await database.one(select(audit_events).where(audit_events.c.event == "login.done"))
    assert row is not None
    form = {"reference": row["reference"]}
    told = (await desk.http.post(STORY, data=form, headers=BY_TOKEN)).json()["events"]
    assert [event["event"] for event in told] == ["login.done"]
    assert told[0]["organisation"] == ACME
    assert "ada@" not in json.dumps(told).lower()
    assert "lovelace" not in json.dumps(told).lower()
    elsewhere = form | {"organisation": GLOBEX}
    assert (await desk.http.post(STORY, data=elsewhere, headers=BY_TOKEN)).json() == {"events": []}
