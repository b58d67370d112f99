"""The well-known documents: everything that is listed works, and nothing else is listed."""

import httpx
import pytest
from starlette.applications import Starlette

from cognigy_ai.app import build_app
from cognigy_ai.keys import actions as keys
from cognigy_ai.settings import Settings
from kernel.db import Database
from kernel.jose import header_of
from support.clock import FrozenClock
from support.relying_party import ISSUER, RelyingParty

CONFIGURATION = "/.well-known/openid-configuration"


async def metadata(http: httpx.AsyncClient) -> dict[str, object]:
    answer = await http.get(CONFIGURATION)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    body: dict[str, object] = answer.json()
    return body


async def test_both_documents_are_one(http: httpx.AsyncClient) -> None:
    """RFC 8414 section 3, OpenID Connect Discovery 1.0 section 4."""
    other = await http.get("/.well-known/oauth-authorization-server")
    assert other.json() == await metadata(http)
    assert other.headers["access-control-allow-origin"] == "*"


async def test_the_issuer_is_the_one_of_every_answer(http: httpx.AsyncClient) -> None:
    assert (await metadata(http))["issuer"] == ISSUER


async def test_every_endpoint_that_is_listed_answers(http: httpx.AsyncClient) -> None:
    listed = await metadata(http)
    addresses = {n: str(v) for n, v in listed.items() if n.endswith(("_endpoint", "_uri"))}
    assert len(addresses) == 8
    for name, address in addresses.items():
        assert address.startswith(ISSUER + "/"), name
        got, posted = await http.get(address), await http.post(address, data={"x": "y"})
        assert {got.status_code, posted.status_code} - {404, 405}, name


async def test_nothing_is_listed_that_does_not_exist(http: httpx.AsyncClient) -> None:
    listed = await metadata(http)
    for name in ("pushed_authorization_request_endpoint", "frontchannel_logout_supported",
                 "registration_endpoint", "check_session_iframe"):  # fmt: skip
        assert name not in listed
    assert listed["backchannel_logout_supported"] is True
    assert listed["backchannel_logout_session_supported"] is True
    assert listed["response_types_supported"] == ["code"]
    assert listed["response_modes_supported"] == ["query"]
    assert listed["code_challenge_methods_supported"] == ["S256"]
    assert listed["authorization_response_iss_parameter_supported"] is True
    assert listed["request_uri_parameter_supported"] is False
    assert "RS256" in listed["id_token_signing_alg_values_supported"]  # type: ignore[operator]


async def test_every_listed_claim_and_scope_is_given(signed_in: RelyingParty) -> None:
    listed = await metadata(signed_in.http)
    scopes = listed["scopes_supported"]
    assert isinstance(scopes, list)
    scopes.remove("api")  # for clients that were given it; it says nothing of the person
    claims = await signed_in.claims((await signed_in.tokens(scope=" ".join(scopes)))["id_token"])
    assert set(claims) == set(listed["claims_supported"])  # type: ignore[call-overload]


async def test_the_keys_are_public_and_named(http: httpx.AsyncClient) -> None:
    answer = await http.get("/.well-known/jwks.json")
    published = answer.json()["keys"]
    assert {key["alg"] for key in published} == {"ES256", "RS256", "EdDSA"}
    assert len({key["kid"] for key in published}) == len(published)
    for key in published:
        assert key["use"] == "sig"
        assert not set(key) & {"d", "p", "q", "dp", "dq", "qi", "k"}
    assert answer.headers["cache-control"] == "public, max-age=600"


async def test_a_new_key_is_published_before_it_signs_and_the_old_one_stays(
    signed_in: RelyingParty, app: Starlette, database: Database, clock: FrozenClock
) -> None:
    """OpenID Connect Core section 10.1.1: nobody has to refetch in between."""
    old = await signed_in.tokens()
    new_kid = await keys.rotate(database, app.state.keyring, "ES256", clock.now())
    clock.advance(11)
    published = (await signed_in.http.get("/.well-known/jwks.json")).json()["keys"]
    assert new_kid in {key["kid"] for key in published}
    assert header_of((await signed_in.tokens())["id_token"])["kid"] != new_kid
    clock.advance(900)
    assert header_of((await signed_in.tokens())["id_token"])["kid"] == new_kid
    await signed_in.claims(old["id_token"])  # still verifiable


@pytest.mark.parametrize("path", ["/ai", "/a/b"])
async def test_an_issuer_with_a_path_is_found_where_each_standard_looks(
    settings: Settings, database: Database, clock: FrozenClock, path: str, app: Starlette
) -> None:
    issuer = ISSUER + path
    other = build_app(
        settings.model_copy(update={"backend_base_url_with_protocol": issuer}),
        database,
        clock,
        background=False,
    )
    transport = httpx.ASGITransport(other)
    async with httpx.AsyncClient(transport=transport, base_url=ISSUER) as http:
        inserted = await http.get(f"/.well-known/oauth-authorization-server{path}")
        assert inserted.json()["issuer"] == issuer
        wrong = await http.get("/.well-known/oauth-authorization-server/other")
        assert wrong.status_code == 404
