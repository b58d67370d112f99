"""Who may ask the JSON API: keys, tokens with the scope `api`, a client for its organisation."""

from typing import Any

import httpx
import pytest
from starlette.requests import Request
from structlog.testing import capture_logs

from cognigy_ai.api_keys import actions as api_keys
from cognigy_ai.clients import actions as clients
from cognigy_ai.clients.rules import SCOPES, Client
from cognigy_ai.organisations import actions as organisations
from cognigy_ai.sessions import actions as sessions
from cognigy_ai.tokens import actions as tokens
from cognigy_ai.tokens.rules import CodeOrder, GrantOrder, Proof
from cognigy_ai.users import actions as users
from cognigy_ai.users.rules import User
from kernel.opaque import fingerprint
from kernel.web.api.limits import Quota, RateLimiter
from support.platform import ACME, BASE, OUTBOX, Platform

USERS = "/v2.0/users"
GLOBEX = "b" * 24
CLIENT = "an-app"
CALLBACK = "https://app.example/callback"


def program(platform: Platform, **headers: str) -> httpx.AsyncClient:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(platform.app), base_url=BASE, headers=named
    )


async def ask(platform: Platform, path: str = USERS, **headers: str) -> httpx.Response:
    async with program(platform, **headers) as http:
        return await http.get(path)


async def with_token(platform: Platform, token: str, path: str = USERS) -> httpx.Response:
    return await ask(platform, path, authorization=f"Bearer {token}")


async def register(platform: Platform, scopes: tuple[str, ...]) -> None:
    client = Client(CLIENT, "An app", redirect_uris=(CALLBACK,), scopes=scopes, consent="implicit")
    async with platform.database.transaction() as tx:
        await clients.register(tx, client, fingerprint("a-secret"), platform.now)


async def token_of(platform: Platform, user: User, scope: str) -> str:
    """As the login and the token endpoint make one."""
    async with platform.database.transaction() as tx:
        secret, _ = await sessions.start(tx, user.id, "pwd", 3600, "", platform.now)
        order = CodeOrder(
            CLIENT,
            CALLBACK,
            redirect_uri_given=True,
            code_challenge=None,
            nonce=None,
            scope=scope,
            reference="REFERENCE234",
        )
        issued = await tokens.issue_code(
            tx, order, Proof(fingerprint(secret), consent_given=True), 60, platform.now
        )
        assert issued is not None
        code = await tokens.claim_code(tx, issued[0], CLIENT, platform.now)
        assert code is not None
        grant = GrantOrder(CLIENT, 900, 3600, refreshable=True)
        made = await tokens.issue_grant(tx, issued[0], code, grant, platform.now)
    return made.access_token


async def token_of_client(platform: Platform, organisation_id: str | None) -> str:
    client_id = platform.app.state.settings.client_id_cognigy_live_agent
    made = await tokens.issue_for_client(
        platform.database, client_id, organisation_id, 900, platform.now
    )
    assert made is not None
    return made.access_token


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


# --- API keys -------------------------------------------------------------------------------------


async def test_a_key_lists_the_people_of_its_owners_organisation(api: httpx.AsyncClient):
    answer = await api.get(USERS)
    assert answer.status_code == 200
    assert [one["id"] for one in answer.json()["items"]] == ["ada@acme.example"]


async def test_without_a_credential_the_answer_says_how_to_ask(acme: Platform):
    answer = await ask(acme)
    assert code_of(answer) == (401, "credential_missing")
    assert answer.headers["www-authenticate"] == 'Bearer realm="Cognigy.AI API"'
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_session_cookie_opens_nothing(acme: Platform, admin: User):
    async with acme.database.transaction() as tx:
        secret, _ = await sessions.start(tx, admin.id, "pwd", 3600, "", acme.now)
    answer = await ask(acme, cookie=f"ai_8000_session={secret}")
    assert code_of(answer) == (401, "credential_missing")


@pytest.mark.parametrize(
    "key",
    ["", "x", "ck_" + "a" * 43, "ck_" + "a" * 9000, "at_" + "a" * 43, "ck_%00", "Bearer x"],
)
async def test_what_is_no_key_is_refused(acme: Platform, key: str):
    assert code_of(await ask(acme, x_api_key=key)) == (401, "credential_invalid")


async def test_all_ends_of_a_key_are_answered_alike(acme: Platform, admin: User):
    async def end_by_suspension() -> None:
        async with acme.database.transaction() as tx:
            await organisations.suspend(tx, OUTBOX, ACME, acme.now)

    answers = []
    for end in ("revoked", "expired", "disabled", "suspended"):
        user = await acme.add_user(f"{end}@acme.example", roles=("admin",))
        async with acme.database.transaction() as tx:
            made = await api_keys.create(tx, user, "x", acme.now + 60, acme.now)
        assert (await ask(acme, x_api_key=made.secret)).status_code == 200
        async with acme.database.transaction() as tx:
            if end == "revoked":
                await api_keys.revoke(tx, await api_keys.get(tx, made.id), acme.now)
            if end == "disabled":
                await users.disable(tx, user.id, acme.now)
        if end == "expired":
            acme.clock.advance(60)
        if end == "suspended":
            await end_by_suspension()
        answers.append(await ask(acme, x_api_key=made.secret))
    assert {answer.status_code for answer in answers} == {401}
    bodies = [{**answer.json(), "traceId": ""} for answer in answers]
    assert all(body == bodies[0] for body in bodies)


async def test_a_key_in_the_address_is_refused_and_not_logged(acme: Platform, admin: User):
    secret = "ck_" + "s" * 43
    with capture_logs() as logs:
        for name in ("api_key", "access_token", "X-API-Key"):
            answer = await ask(acme, f"{USERS}?{name}={secret}")
            assert code_of(answer) == (400, "credential_in_query")
            assert secret not in answer.text
    assert secret not in str(logs)


async def test_two_credentials_are_refused(acme: Platform, admin: User):
    async with acme.database.transaction() as tx:
        made = await api_keys.create(tx, admin, "x", acme.now + 60, acme.now)
    both = await ask(acme, x_api_key=made.secret, authorization="Bearer at_x")
    assert code_of(both) == (400, "credentials_several")
    twice = httpx.Headers([("x-api-key", made.secret), ("x-api-key", made.secret)])
    async with program(acme) as http:
        assert code_of(await http.get(USERS, headers=twice)) == (400, "credentials_several")


async def test_the_key_of_a_demoted_owner_loses_what_the_owner_lost(
    acme: Platform, manager: User, managers: httpx.AsyncClient
):
    assert (await managers.post(f"{USERS}/{manager.id}/enable")).status_code == 200
    async with acme.database.transaction() as tx:
        await users.remove_role(tx, manager.id, "userManager", acme.now)
    refused = await managers.post(f"{USERS}/{manager.id}/enable")
    assert code_of(refused) == (403, "permission_missing")
    assert code_of(await managers.get(USERS)) == (403, "permission_missing")
    async with acme.database.transaction() as tx:
        await users.remove_role(tx, manager.id, "apiKeys", acme.now)
    assert code_of(await managers.get(USERS)) == (401, "credential_invalid")


async def test_the_use_of_a_key_is_noted(acme: Platform, admin: User, api: httpx.AsyncClient):
    await api.get(USERS)
    [key] = await api_keys.list_of_owner(acme.database, admin.id)
    assert key.last_used_at == acme.now


async def test_what_a_key_does_is_recorded_under_the_key(
    acme: Platform, admin: User, api: httpx.AsyncClient
):
    [key] = await api_keys.list_of_owner(acme.database, admin.id)
    person = await acme.add_user("grace@acme.example")
    await api.post(f"{USERS}/{person.id}/disable")
    found = (await api.get("/v2.0/auditevents?event=user.disabled")).json()["items"]
    assert [(one["user"], one["actorKind"], one["actor"]) for one in found] == [
        (person.id, "api_key", key.id)
    ]


# --- tokens ---------------------------------------------------------------------------------------


async def test_a_token_with_the_scope_api_has_the_persons_rights(acme: Platform, admin: User):
    await register(acme, (*SCOPES, "api"))
    answer = await with_token(acme, await token_of(acme, admin, "openid api"))
    assert answer.status_code == 200
    agent = await acme.add_user("grace@acme.example", roles=("liveAgentAgent",))
    answer = await with_token(acme, await token_of(acme, agent, "openid api"))
    assert code_of(answer) == (403, "permission_missing")


async def test_a_token_without_the_scope_api_opens_nothing(acme: Platform, admin: User):
    await register(acme, (*SCOPES, "api"))
    answer = await with_token(acme, await token_of(acme, admin, " ".join(SCOPES)))
    assert code_of(answer) == (403, "api_scope_missing")
    assert 'error="insufficient_scope"' in answer.headers["www-authenticate"]


async def test_a_client_that_lost_the_scope_loses_the_api(acme: Platform, admin: User):
    await register(acme, SCOPES)
    answer = await with_token(acme, await token_of(acme, admin, "openid api"))
    assert code_of(answer) == (403, "api_scope_missing")


async def test_the_token_of_a_client_that_is_gone_opens_nothing(acme: Platform, admin: User):
    token = await token_of(acme, admin, "openid api")
    assert code_of(await with_token(acme, token)) == (401, "credential_invalid")


async def test_a_clients_own_token_reads_people_of_its_organisation(acme: Platform, admin: User):
    token = await token_of_client(acme, ACME)
    answer = await with_token(acme, token, f"/new/v2.0/users/{admin.id}")
    assert answer.status_code == 200
    assert (answer.json()["_id"], answer.json()["disabled"]) == (admin.id, False)


async def test_a_clients_own_token_changes_nothing(acme: Platform, admin: User):
    token = await token_of_client(acme, ACME)
    async with program(acme, authorization=f"Bearer {token}") as http:
        answers = [
            await http.post(USERS, json={"email": "x@acme.example", "name": "X"}),
            await http.patch(f"{USERS}/{admin.id}", json={"name": "X"}),
            await http.delete(f"{USERS}/{admin.id}"),
            await http.get("/v2.0/auditevents"),
            await http.get("/management/v2.0/organisations"),
        ]
    assert {code_of(answer) for answer in answers} == {(403, "permission_missing")}


async def test_a_clients_token_of_another_organisation_finds_nobody(acme: Platform, admin: User):
    await acme.add_organisation(GLOBEX, "Globex")
    token = await token_of_client(acme, GLOBEX)
    answer = await with_token(acme, token, f"{USERS}/{admin.id}")
    assert code_of(answer) == (404, "user_unknown")


async def test_a_clients_token_of_no_organisation_opens_nothing(acme: Platform):
    answer = await with_token(acme, await token_of_client(acme, None))
    assert code_of(answer) == (403, "api_scope_missing")


@pytest.mark.parametrize(
    "authorization",
    ["Bearer", "Bearer x", "Basic YTpi", "Bearer at_" + "a" * 43, "ck_" + "a" * 43, "", "Bearer  "],
)
async def test_what_is_no_token_is_refused(acme: Platform, authorization: str):
    answer = await ask(acme, authorization=authorization)
    assert code_of(answer) == (401, "credential_invalid")
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]


async def test_an_api_key_is_no_bearer_token(acme: Platform, admin: User):
    async with acme.database.transaction() as tx:
        made = await api_keys.create(tx, admin, "x", acme.now + 60, acme.now)
    assert code_of(await with_token(acme, made.secret)) == (401, "credential_invalid")


# --- limits ---------------------------------------------------------------------------------------


async def test_each_credential_may_send_a_thousand_requests_in_five_minutes(
    acme: Platform, admin: User, api: httpx.AsyncClient
):
    answer = await api.get(USERS)
    assert answer.headers["ratelimit-policy"] == '"default";q=1000;w=300'
    assert answer.headers["ratelimit"].startswith('"default";r=999;t=')
    answer = await api.get(f"{USERS}/{admin.id}")
    assert answer.headers["ratelimit"].startswith('"default";r=998;t=')


async def test_a_credential_that_asks_too_often_waits(acme: Platform, api: httpx.AsyncClient):
    limits: Any = acme.app.state.api_requests
    request_key = fingerprint(api.headers["x-api-key"])
    for _ in range(1000):
        await limits.count(Request({"type": "http"}), request_key)
    answer = await api.get(USERS)
    assert code_of(answer) == (429, "too_many_requests")
    assert 1 <= int(answer.headers["retry-after"]) <= 300
    assert answer.headers["ratelimit"].startswith('"default";r=0;t=')


async def test_a_network_that_guesses_is_stopped_and_its_good_keys_are_not(
    acme: Platform, api: httpx.AsyncClient
):
    object.__setattr__(acme.app.state.all, "api_refusals", RateLimiter(acme.clock, Quota(3, 300)))
    guesses = [await ask(acme, x_api_key=f"ck_{n:043}") for n in range(4)]
    assert [answer.status_code for answer in guesses] == [401, 401, 401, 429]
    assert (await api.get(USERS)).status_code == 200
