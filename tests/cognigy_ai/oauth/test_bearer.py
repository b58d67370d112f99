"""userinfo, introspection, revocation: what holders of tokens and their clients can ask."""

from typing import Any

import httpx
import pytest

from support.clock import FrozenClock
from support.relying_party import ISSUER, USERINFO, RelyingParty, basic

INTROSPECT, REVOKE = "/auth/oauth2/introspect", "/auth/oauth2/revoke"


@pytest.fixture
async def held(signed_in: RelyingParty) -> dict[str, Any]:
    """The tokens that the desk holds."""
    return await signed_in.tokens()


# --- userinfo (OpenID Connect Core section 5.3, RFC 6750) -----------------------------------------


async def test_userinfo_tells_what_the_scopes_release(
    signed_in: RelyingParty, held: dict[str, Any]
) -> None:
    answer = await signed_in.userinfo(held["access_token"])
    claims = await signed_in.claims(held["id_token"])
    assert answer.json() == {
        "sub": claims["sub"],
        "name": "Ada King",
        "locale": "en",
        "email": "ada@acme.example",
        "email_verified": True,
        "organisation": "a" * 24,
        "organisation_name": "Acme",
        "roles": ["admin", "base_role", "liveAgentAdmin"],
        "access_revision": 1,
    }
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["access-control-allow-origin"] == "*"


async def test_userinfo_by_post_in_header_or_body(
    signed_in: RelyingParty, held: dict[str, Any]
) -> None:
    token = held["access_token"]
    header = {"authorization": f"bEaReR {token}"}
    http = signed_in.http
    assert (await http.post(USERINFO, headers=header)).status_code == 200
    assert (await http.post(USERINFO, data={"access_token": token})).status_code == 200


async def test_without_a_token_no_error_is_named(http: httpx.AsyncClient) -> None:
    """RFC 6750 section 3.1."""
    answer = await http.get(USERINFO)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="Cognigy.AI"'
    assert answer.text == ""


async def test_a_token_comes_in_one_way_and_not_in_the_query(
    signed_in: RelyingParty, held: dict[str, Any]
) -> None:
    """RFC 6750 section 2, RFC 9700 section 4.3.2; lesson 70."""
    token, http = held["access_token"], signed_in.http
    header = {"authorization": f"Bearer {token}"}
    for answer in (
        await http.get(USERINFO, params={"access_token": token}),
        await http.get(USERINFO, params={"access_token": token}, headers=header),
        await http.post(USERINFO, data={"access_token": token}, headers=header),
        await http.get(USERINFO, headers={"authorization": f"Basic {token}"}),
    ):
        assert answer.status_code == 400
        assert answer.json()["error"] == "invalid_request"
        assert 'error="invalid_request"' in answer.headers["www-authenticate"]


@pytest.mark.parametrize("kind", ["altered", "refresh_token", "id_token", "invented", "cut"])
async def test_anything_else_is_an_invalid_token(
    signed_in: RelyingParty, held: dict[str, Any], kind: str
) -> None:
    token = held["access_token"]
    wrong = {
        "altered": token[:-1] + ("A" if token[-1] != "A" else "B"),
        "refresh_token": held["refresh_token"],
        "id_token": held["id_token"],
        "invented": "at_" + "A" * 43,
        "cut": token[:-1],
    }[kind]
    answer = await signed_in.userinfo(wrong)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]


async def test_an_access_token_expires(
    signed_in: RelyingParty, held: dict[str, Any], clock: FrozenClock
) -> None:
    clock.advance(899)
    assert (await signed_in.userinfo(held["access_token"])).status_code == 200
    clock.advance(1)
    assert (await signed_in.userinfo(held["access_token"])).status_code == 401


async def test_an_access_token_of_plain_oauth_tells_what_its_scopes_release(
    signed_in: RelyingParty,
) -> None:
    """A client that reads the person from here only (COGNIGY_OAUTH_ID_TOKEN=absent)."""
    body = await signed_in.tokens(scope="email")
    seen = (await signed_in.userinfo(body["access_token"])).json()
    assert set(seen) == {"sub", "email", "email_verified"}


# --- introspection (RFC 7662) ---------------------------------------------------------------------


async def test_a_client_sees_its_own_token(
    signed_in: RelyingParty, held: dict[str, Any], clock: FrozenClock
) -> None:
    sub = (await signed_in.claims(held["id_token"]))["sub"]
    assert await signed_in.introspect(held["access_token"]) == {
        "active": True,
        "client_id": "desk",
        "token_type": "Bearer",
        "iat": clock.now(),
        "exp": clock.now() + 900,
        "iss": ISSUER,
        "aud": ISSUER,
        "scope": held["scope"],
        "sub": sub,
        "organisation": "a" * 24,
    }


@pytest.mark.parametrize("hint", ["refresh_token", "access_token", "nonsense"])
async def test_a_refresh_token_is_named_as_one_whatever_the_hint(
    signed_in: RelyingParty, held: dict[str, Any], hint: str
) -> None:
    seen = await signed_in.introspect(held["refresh_token"], token_type_hint=hint)
    assert (seen["active"], seen["token_type"]) == (True, "refresh_token")


async def test_every_other_token_is_inactive_and_nothing_else(
    signed_in: RelyingParty, some_app: RelyingParty, held: dict[str, Any], clock: FrozenClock
) -> None:
    """RFC 7662 section 2.2."""
    inactive = {"active": False}
    for token in ("x", "at_" + "A" * 43, held["id_token"], held["access_token"] + "A"):
        assert await signed_in.introspect(token) == inactive
    assert await some_app.introspect(held["access_token"]) == inactive  # a foreign one
    await signed_in.refresh(held["refresh_token"])
    assert await signed_in.introspect(held["refresh_token"]) == inactive  # rotated away
    assert await signed_in.introspect(held["access_token"]) == inactive
    clock.advance(1_209_600)
    assert await signed_in.introspect(held["refresh_token"]) == inactive


async def test_introspection_is_for_clients_with_a_secret(
    signed_in: RelyingParty, phone: RelyingParty, held: dict[str, Any]
) -> None:
    """RFC 7662 section 2.1: no scanning for tokens."""
    http, form = signed_in.http, {"token": held["access_token"]}
    wrong = {"authorization": basic("desk", "guess")}
    assert (await http.post(INTROSPECT, data=form)).status_code == 401
    assert (await http.post(INTROSPECT, data=form, headers=wrong)).status_code == 401
    assert (await phone.post(INTROSPECT, form)).status_code == 401
    assert (await http.get(INTROSPECT, params=form)).status_code == 405


# --- revocation (RFC 7009) ------------------------------------------------------------------------


@pytest.mark.parametrize("hint", [None, "access_token", "nonsense"])
async def test_a_revoked_refresh_token_takes_the_access_token_along(
    signed_in: RelyingParty, held: dict[str, Any], hint: str | None
) -> None:
    answer = await signed_in.revoke(held["refresh_token"], token_type_hint=hint)
    assert answer.status_code == 200
    assert (await signed_in.userinfo(held["access_token"])).status_code == 401
    assert (await signed_in.refresh(held["refresh_token"])).status_code == 400


async def test_a_revoked_access_token_leaves_the_grant_alive(
    signed_in: RelyingParty, held: dict[str, Any]
) -> None:
    assert (await signed_in.revoke(held["access_token"])).status_code == 200
    assert (await signed_in.userinfo(held["access_token"])).status_code == 401
    assert (await signed_in.refresh(held["refresh_token"])).status_code == 200


async def test_what_is_unknown_or_revoked_already_is_fine(
    signed_in: RelyingParty, held: dict[str, Any]
) -> None:
    """RFC 7009 section 2.2."""
    for token in ("x", "at_" + "A" * 43, held["refresh_token"], held["refresh_token"]):
        assert (await signed_in.revoke(token)).status_code == 200


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
async def test_another_clients_token_stays_alive(
    signed_in: RelyingParty, some_app: RelyingParty, held: dict[str, Any], kind: str
) -> None:
    """RFC 7009 section 2.1."""
    answer = await some_app.revoke(held[kind])
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert (await signed_in.userinfo(held["access_token"])).status_code == 200
    assert (await signed_in.refresh(held["refresh_token"])).status_code == 200


async def test_revocation_needs_the_client_and_a_token(
    signed_in: RelyingParty, phone: RelyingParty, held: dict[str, Any]
) -> None:
    http, form = signed_in.http, {"token": held["access_token"]}
    assert (await http.post(REVOKE, data=form)).status_code == 401
    assert (await http.get(REVOKE, params=form)).status_code == 405
    assert (await signed_in.post(REVOKE, {})).json()["error"] == "invalid_request"
    own = await phone.tokens()
    assert (await phone.revoke(own["access_token"])).status_code == 200
    assert (await phone.userinfo(own["access_token"])).status_code == 401
