"""POST /auth/oauth2/token with a code, as a client sees it."""

import asyncio
from urllib.parse import quote_plus

import httpx
import pytest
from sqlalchemy import select
from starlette.applications import Starlette
from structlog.testing import capture_logs

from cognigy_ai.app import build_app
from cognigy_ai.clients import actions as clients
from cognigy_ai.clients.rules import Client
from cognigy_ai.db.tables import login_locks
from cognigy_ai.oauth.rules.claims import at_hash
from cognigy_ai.organisations import actions as organisations
from cognigy_ai.settings import Settings
from cognigy_ai.users import actions as users
from kernel.db import Database
from kernel.jose import header_of
from kernel.opaque import fingerprint
from support.clock import FrozenClock
from support.platform import OUTBOX
from support.relying_party import ISSUER, TOKEN, VERIFIER, RelyingParty, basic


@pytest.fixture
async def ready(signed_in: RelyingParty) -> RelyingParty:
    """A client with a fresh code in its hands."""
    await signed_in.authorize()
    return signed_in


def error_of(answer: httpx.Response) -> tuple[int, str]:
    """Status and error; every refusal is JSON that nobody stores (RFC 6749 section 5.2)."""
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    assert body["error_description"].isascii()
    assert not set(body["error_description"]) & {'"', "\\"}
    return answer.status_code, body["error"]


REFUSED = (400, "invalid_grant")


async def test_a_code_becomes_tokens(ready: RelyingParty) -> None:
    answer = await ready.redeem()
    body = answer.json()
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["pragma"] == "no-cache"
    assert body["token_type"] == "Bearer"
    assert body["expires_in"] == 900
    assert body["scope"] == "email openid organisation profile roles"
    assert set(body) == {
        "access_token", "token_type", "expires_in", "scope", "refresh_token", "id_token",
    }  # fmt: skip


async def test_the_id_token_says_who_when_and_for_whom(
    ready: RelyingParty, clock: FrozenClock
) -> None:
    body = (await ready.redeem()).json()
    claims = await ready.claims(body["id_token"])
    now = clock.now()
    assert header_of(body["id_token"])["alg"] == "ES256"
    expected = {
        "iss": ISSUER,
        "aud": "desk",
        "iat": now,
        "exp": now + 900,
        "auth_time": now,
        "nonce": "the-nonce",
        "acr": "1",
        "amr": ["pwd"],
        "email": "ada@acme.example",
        "email_verified": True,
        "name": "Ada King",
        "locale": "en",
        "organisation": "a" * 24,
        "organisation_name": "Acme",
        "roles": ["admin", "base_role", "liveAgentAdmin"],
        "access_revision": 1,
        "at_hash": at_hash(body["access_token"], "ES256"),
    }
    assert {name: claims[name] for name in expected} == expected
    assert set(claims) == set(expected) | {"sub", "sid"}


@pytest.mark.parametrize(("party", "alg"), [("some_app", "RS256"), ("phone", "EdDSA")])
async def test_each_client_gets_its_algorithm(
    request: pytest.FixtureRequest, signed_in: RelyingParty, party: str, alg: str
) -> None:
    client: RelyingParty = request.getfixturevalue(party)
    to_page = await client.authorize()
    if not client.code:
        shown = await client.http.get(to_page.headers["location"])
        await client.submit(shown, decision="allow")
    body = (await client.redeem()).json()
    assert header_of(body["id_token"])["alg"] == alg
    claims = await client.claims(body["id_token"])
    assert claims["aud"] == client.client_id
    assert claims["at_hash"] == at_hash(body["access_token"], alg)


async def test_claims_follow_the_scopes(signed_in: RelyingParty) -> None:
    """OpenID Connect Core section 5.4."""
    body = await signed_in.tokens(scope="openid")
    claims = await signed_in.claims(body["id_token"])
    assert not set(claims) & {"name", "email", "email_verified", "roles", "organisation", "locale"}
    assert "id_token" not in await signed_in.tokens(scope="email")


async def test_without_a_nonce_there_is_none(signed_in: RelyingParty) -> None:
    body = await signed_in.tokens(nonce=None)
    assert "nonce" not in await signed_in.claims(body["id_token"])


async def test_a_code_cannot_be_redeemed_twice_and_takes_its_tokens_along(
    ready: RelyingParty,
) -> None:
    """Lesson 56: a second use revokes the tokens of the first."""
    body = (await ready.redeem()).json()
    assert error_of(await ready.redeem()) == REFUSED
    assert (await ready.userinfo(body["access_token"])).status_code == 401
    assert error_of(await ready.refresh(body["refresh_token"])) == REFUSED


async def test_of_eight_simultaneous_redemptions_exactly_one_wins(ready: RelyingParty) -> None:
    answers = await asyncio.gather(*(ready.redeem() for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 7


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": "x" * 43},
        {"code_verifier": None},
        {"code_verifier": "short"},
        {"code_verifier": VERIFIER + "="},
        {"code_verifier": "v" * 129},
        {"redirect_uri": "https://desk.example.com/other"},
        {"redirect_uri": None},
    ],
)
async def test_a_redemption_that_breaks_a_rule_spends_the_code(
    ready: RelyingParty, changes: dict[str, str | None]
) -> None:
    """Lesson 52: a challenge was sent, so a verifier has to come; RFC 7636 section 4.6."""
    assert error_of(await ready.redeem(**changes)) == REFUSED
    assert error_of(await ready.redeem()) == REFUSED


async def test_a_verifier_without_a_challenge_is_refused(
    short: RelyingParty, signed_in: RelyingParty
) -> None:
    """Lesson 53: no challenge at authorize, a verifier at the token endpoint: somebody's code."""
    await short.authorize(code_challenge=None, code_challenge_method=None)
    assert error_of(await short.redeem()) == REFUSED


async def test_a_code_of_one_client_is_useless_to_another(
    ready: RelyingParty, some_app: RelyingParty
) -> None:
    """Lesson 54; and the attempt costs the owner nothing."""
    some_app.code = ready.code
    assert error_of(await some_app.redeem(redirect_uri=ready.redirect_uri)) == REFUSED
    assert (await ready.redeem()).status_code == 200


@pytest.mark.parametrize("change", ["flip", "cut", "longer", "invented"])
async def test_an_altered_code_is_refused(ready: RelyingParty, change: str) -> None:
    """Lesson 54."""
    code = ready.code
    altered = {
        "flip": code[:-1] + ("A" if code[-1] != "A" else "B"),
        "cut": code[:-1],
        "longer": code + "A",
        "invented": "ac_" + "A" * 43,
    }[change]
    assert error_of(await ready.redeem(code=altered)) == REFUSED


async def test_codes_are_random_and_long(signed_in: RelyingParty) -> None:
    """Lesson 59: nothing in a code or token comes from the time; 256 bits (RFC 6749 10.10)."""
    seen = set()
    for _ in range(5):
        await signed_in.authorize()
        body = (await signed_in.redeem()).json()
        seen |= {signed_in.code[:12], body["access_token"][:12], body["refresh_token"][:12]}
        assert len(signed_in.code) == 3 + 43
        assert len(body["access_token"]) == 3 + 43
    assert len(seen) == 15


async def test_a_code_expires_at_its_last_second(ready: RelyingParty, clock: FrozenClock) -> None:
    clock.advance(60)
    assert error_of(await ready.redeem()) == REFUSED


async def test_a_code_lives_to_its_last_second(ready: RelyingParty, clock: FrozenClock) -> None:
    clock.advance(59)
    assert (await ready.redeem()).status_code == 200


async def test_who_was_disabled_meanwhile_gets_no_token(
    ready: RelyingParty, database: Database, clock: FrozenClock
) -> None:
    """Lessons 33 and 36: asked at authorize, and again when the code is redeemed."""
    ada = await users.get_by_email(database, "ada@acme.example", None)
    async with database.transaction() as tx:
        await users.disable(tx, ada.id, clock.now())
    assert error_of(await ready.redeem()) == REFUSED
    assert (await ready.authorize()).status_code == 200  # the login page


async def test_a_suspended_organisation_gets_no_token(
    ready: RelyingParty, database: Database, clock: FrozenClock
) -> None:
    """Lesson 36, for a whole organisation."""
    async with database.transaction() as tx:
        await organisations.suspend(tx, OUTBOX, "a" * 24, clock.now())
    assert error_of(await ready.redeem()) == REFUSED
    assert (await ready.authorize()).status_code == 200


async def test_whose_roles_changed_meanwhile_has_to_start_again(
    ready: RelyingParty, database: Database, clock: FrozenClock
) -> None:
    """The code holds what was true before (DESIGN section 3 rule 6)."""
    ada = await users.get_by_email(database, "ada@acme.example", None)
    async with database.transaction() as tx:
        await users.add_role(tx, ada.id, "liveAgentAgent", clock.now())
    assert error_of(await ready.redeem()) == REFUSED
    body = await ready.tokens()
    assert "liveAgentAgent" in (await ready.claims(body["id_token"]))["roles"]


async def test_who_logged_out_meanwhile_gets_no_token(ready: RelyingParty) -> None:
    shown = await ready.http.get("/auth/oauth2/logout")
    await ready.submit(shown)
    assert error_of(await ready.redeem()) == REFUSED


async def test_a_client_without_that_grant_type_gets_no_refresh_token(
    short: RelyingParty, signed_in: RelyingParty
) -> None:
    await short.authorize()
    assert "refresh_token" not in (await short.redeem()).json()


# --- how a client says who it is (RFC 6749 section 2.3) -------------------------------------------


async def test_a_wrong_secret_leaves_the_code_unspent(ready: RelyingParty) -> None:
    right = ready.client_secret
    ready.client_secret = "guess"
    answer = await ready.redeem()
    assert error_of(answer) == (401, "invalid_client")
    assert answer.headers["www-authenticate"].startswith("Basic ")
    assert "guess" not in answer.text
    ready.client_secret = right
    assert (await ready.redeem()).status_code == 200


@pytest.mark.parametrize(
    "authorization",
    [
        "Basic !!!",
        "Basic " + "A" * 5000,
        "Bearer x",
        "Basic",
        basic("desk", ""),
        basic("", "x"),
        basic("nobody", "x"),
        "Basic " + "ZGVzaw==",  # no colon
        "Basic /////w==",  # not UTF-8
    ],
)
async def test_broken_credentials_are_refused(ready: RelyingParty, authorization: str) -> None:
    headers = {"authorization": authorization}
    answer = await ready.http.post(TOKEN, data=ready.redemption(), headers=headers)
    assert error_of(answer) == (401, "invalid_client")


async def test_the_body_is_for_clients_registered_for_it(
    short: RelyingParty, some_app: RelyingParty
) -> None:
    """RFC 6749 section 2.3.1."""
    own = {"client_id": "app", "client_secret": "app-secret"}
    answer = await some_app.http.post(TOKEN, data=some_app.redemption(code="x") | own)
    assert error_of(answer) == REFUSED  # authenticated, and the code is wrong
    not_its_way = {"client_id": "short", "client_secret": "short-secret"}
    answer = await short.http.post(TOKEN, data=short.redemption(code="x") | not_its_way)
    assert error_of(answer) == (401, "invalid_client")


async def test_two_ways_at_once_are_refused(ready: RelyingParty) -> None:
    """RFC 6749 section 2.3."""
    for extra in ({"client_secret": str(ready.client_secret)}, {"client_id": "app"}):
        answer = await ready.post(TOKEN, ready.redemption() | extra)
        assert error_of(answer) == (400, "invalid_request")


async def test_credentials_in_the_query_do_not_count(ready: RelyingParty) -> None:
    """RFC 6749 section 2.3.1."""
    query = {"client_id": "desk", "client_secret": str(ready.client_secret)}
    answer = await ready.http.post(TOKEN, params=query, data=ready.redemption())
    assert error_of(answer) == (401, "invalid_client")


async def test_id_and_secret_are_form_encoded_before_base64(
    ready: RelyingParty, database: Database, clock: FrozenClock
) -> None:
    """RFC 6749 section 2.3.1: a secret may hold any character."""
    secret = "a:b+c%20d é&"
    odd = Client("odd~1", "Odd", grant_types=("client_credentials",))
    async with database.transaction() as tx:
        await clients.register(tx, odd, fingerprint(secret), clock.now())
    headers = {"authorization": basic(quote_plus("odd~1"), quote_plus(secret))}
    form = {"grant_type": "client_credentials"}
    answer = await ready.http.post(TOKEN, data=form, headers=headers)
    assert answer.status_code == 200, answer.text


async def test_a_client_with_a_secret_cannot_do_without(ready: RelyingParty) -> None:
    """RFC 6749 section 3.2.1."""
    answer = await ready.http.post(TOKEN, data={"client_id": "desk"} | ready.redemption())
    assert error_of(answer) == (401, "invalid_client")


async def test_a_client_without_a_secret_proves_itself_by_pkce(
    phone: RelyingParty, signed_in: RelyingParty
) -> None:
    await phone.authorize()
    assert (await phone.redeem()).status_code == 200
    headers = {"authorization": basic("phone", "x")}
    with_secret = await phone.http.post(TOKEN, data=phone.redemption(), headers=headers)
    assert error_of(with_secret) == (401, "invalid_client")


async def test_guessing_secrets_is_slowed_down(ready: RelyingParty, clock: FrozenClock) -> None:
    """RFC 6749 section 2.3.1: failures alone are counted, for this client and network."""
    ready.client_secret = "guess"
    for _ in range(50):
        assert (await ready.redeem()).status_code == 401
    locked = await ready.redeem()
    assert (locked.status_code, locked.headers["retry-after"]) == (429, "300")
    clock.advance(901)
    assert (await ready.redeem()).status_code == 401


async def test_nobody_can_switch_a_client_off_by_guessing_its_secret(ready: RelyingParty) -> None:
    """A client id is public: the right secret passes from the same network, and costs nothing."""
    right = ready.client_secret
    ready.client_secret = "guess"
    for _ in range(52):
        answer = await ready.redeem()
    assert answer.status_code == 429
    ready.client_secret = right
    assert (await ready.redeem()).status_code == 200


async def test_a_lock_on_guesses_is_shared_by_all_servers(
    ready: RelyingParty, app: Starlette, settings: Settings, database: Database, clock: FrozenClock
) -> None:
    guess = {"authorization": basic(ready.client_id, "guess")}
    for _ in range(51):
        await ready.http.post(TOKEN, data=ready.redemption(), headers=guess)
    other_server = httpx.ASGITransport(build_app(settings, database, clock, background=False))
    async with httpx.AsyncClient(transport=other_server, base_url=ISSUER) as http:
        answer = await http.post(TOKEN, data=ready.redemption(), headers=guess)
    assert answer.status_code == 429


async def test_invented_client_ids_are_counted_for_their_network_alone(
    http: httpx.AsyncClient, database: Database
) -> None:
    for number in range(51):
        form = {"grant_type": "client_credentials", "client_secret": "guess"}
        answer = await http.post(TOKEN, data=form | {"client_id": f"invented-{number}"})
    assert answer.status_code == 429
    assert len(await database.all(select(login_locks))) == 1


@pytest.mark.parametrize("client_id", ["x" * 30_000, "x" * 129, "a b", "\u00fc", "a:b"])
async def test_an_id_that_cannot_be_registered_is_not_even_looked_up(
    http: httpx.AsyncClient, database: Database, client_id: str
) -> None:
    """Long ones would fill the memory, and no index entry of PostgreSQL holds them."""
    form = {"grant_type": "client_credentials", "client_id": client_id}
    before = database.statements
    with capture_logs() as events:
        assert error_of(await http.post(TOKEN, data=form)) == (401, "invalid_client")
        await http.get("/auth/oauth2/authorize", params={"client_id": client_id})
    assert database.statements == before
    assert [event["problem"] for event in events] == [
        "client_authentication_failed", "oauth_configuration",
    ]  # fmt: skip
    assert [len(event["client_id"]) for event in events] == [min(len(client_id), 128)] * 2
    answer = await http.post(TOKEN, data=form | {"client_secret": "guess"})
    assert error_of(answer) == (401, "invalid_client")
    assert max(len(row["key"]) for row in await database.all(select(login_locks))) < 200


# --- the request ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"grant_type": None}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "implicit"}, "unsupported_grant_type"),
        ({"code": None}, "invalid_request"),
        ({"code": ""}, "invalid_request"),
    ],
)
async def test_a_request_that_breaks_a_rule_is_refused(
    ready: RelyingParty, changes: dict[str, str | None], error: str
) -> None:
    """RFC 6749 section 5.2; RFC 9700 section 2.4: there is no password grant."""
    assert error_of(await ready.redeem(**changes)) == (400, error)


async def test_a_missing_parameter_is_named(ready: RelyingParty) -> None:
    answer = await ready.redeem(code=None)
    assert answer.json()["error_description"] == "The parameter code is missing"


async def test_a_repeated_parameter_is_refused(ready: RelyingParty) -> None:
    """RFC 6749 section 3.2."""
    content = str(httpx.QueryParams(ready.redemption()).add("code", "x"))
    headers = {
        "authorization": basic("desk", str(ready.client_secret)),
        "content-type": "application/x-www-form-urlencoded",
    }
    answer = await ready.http.post(TOKEN, content=content, headers=headers)
    assert error_of(answer) == (400, "invalid_request")


async def test_only_a_form_by_post_is_read(ready: RelyingParty) -> None:
    """RFC 6749 section 3.2."""
    headers = {"authorization": basic("desk", str(ready.client_secret))}
    json = await ready.http.post(TOKEN, json=ready.redemption(), headers=headers)
    assert error_of(json) == (400, "invalid_request")
    got = await ready.http.get(TOKEN, params=ready.redemption(), headers=headers)
    assert got.status_code == 405
    assert (await ready.redeem()).status_code == 200


async def test_a_client_may_use_its_grant_types_only(short: RelyingParty) -> None:
    answer = await short.refresh("rt_x")
    assert error_of(answer) == (400, "unauthorized_client")


async def test_scripts_of_other_origins_may_call(phone: RelyingParty) -> None:
    """Clients without a secret run in browsers; no cookie is read here."""
    answer = await phone.redeem(code="x")
    assert answer.headers["access-control-allow-origin"] == "*"
    allowed = await phone.http.options(TOKEN)
    assert allowed.status_code == 204
    assert "access-control-allow-credentials" not in allowed.headers


# --- client_credentials (RFC 6749 section 4.4) ----------------------------------------------------


async def machine(desk: RelyingParty, **changes: str | None) -> httpx.Response:
    form = {"grant_type": "client_credentials"} | {k: v for k, v in changes.items() if v}
    return await desk.post(TOKEN, form)


async def test_a_client_gets_a_token_of_its_own(desk: RelyingParty) -> None:
    body = (await machine(desk, scope=f"organisationId={'a' * 24}")).json()
    assert set(body) == {"access_token", "token_type", "expires_in", "scope"}
    seen = await desk.introspect(body["access_token"])
    assert seen["organisation"] == "a" * 24
    assert "sub" not in seen
    free = (await machine(desk)).json()
    assert "organisation" not in await desk.introspect(free["access_token"])


@pytest.mark.parametrize(
    "scope",
    ["organisationId=" + "c" * 24, "organisationId=", "openid", "organisationId=x openid", "x"],
)
async def test_a_client_is_bound_to_organisations_that_exist(
    desk: RelyingParty, scope: str
) -> None:
    assert error_of(await machine(desk, scope=scope)) == (400, "invalid_scope")


async def test_a_suspended_organisation_ends_the_clients_token_too(
    desk: RelyingParty, database: Database, clock: FrozenClock, app: Starlette
) -> None:
    """Lesson 24."""
    scope = f"organisationId={'a' * 24}"
    token = (await machine(desk, scope=scope)).json()["access_token"]
    async with database.transaction() as tx:
        await organisations.suspend(tx, OUTBOX, "a" * 24, clock.now())
    assert await desk.introspect(token) == {"active": False}
    assert error_of(await machine(desk, scope=scope)) == (400, "invalid_scope")


async def test_a_clients_token_speaks_of_nobody(desk: RelyingParty) -> None:
    token = (await machine(desk)).json()["access_token"]
    answer = await desk.userinfo(token)
    assert error_of(answer) == (403, "insufficient_scope")
