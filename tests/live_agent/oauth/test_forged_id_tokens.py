"""An ID token that is not the provider's, not ours or not for now logs nobody in.

Each test starts from the login that succeeds and changes one thing at the provider.
"""

import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from joserfc import jws

from kernel import jose
from support.clock import FrozenClock
from support.oauth_desk import (
    Desk,
    log_in,
    refused_login,
)
from support.provider import ABSENT, KEYS, compact, unpadded


@pytest.fixture(params=["sqlite"])
def engine(request: pytest.FixtureRequest) -> str:
    """What the provider does wrong is the same on both databases; test_login.py runs on both."""
    return str(request.param)


def hs256_with_the_public_key(claims: dict[str, Any]) -> str:
    """The classical confusion: the published key used as a shared secret."""
    pem = KEYS["RS256"].key.as_pem(private=False)
    header = {"alg": "HS256", "kid": KEYS["RS256"].kid}
    signed = compact(header, json.dumps(claims).encode()).rpartition(".")[0]
    signature = hmac.new(pem, signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{unpadded(signature)}"


def unsigned(claims: dict[str, Any]) -> str:
    return compact({"alg": "none"}, json.dumps(claims).encode())


def signed_by_its_own_key(claims: dict[str, Any]) -> str:
    """A key in the header is never used (CVE-2026-27962)."""
    mine = jose.new_key("ES256")
    jwk = mine.key.as_dict(private=False)
    header = {"alg": "ES256", "jwk": jwk, "kid": mine.kid, "jku": "https://evil.example/jwks"}
    return jws.serialize_compact(header, json.dumps(claims), mine.key, ["ES256"])


def signed_by_another_under_a_known_kid(claims: dict[str, Any]) -> str:
    other = jose.new_key("ES256")
    header = {"alg": "ES256", "kid": KEYS["ES256"].kid}
    return jws.serialize_compact(header, json.dumps(claims), other.key, ["ES256"])


def with_an_unknown_kid(claims: dict[str, Any]) -> str:
    return jose.sign(jose.new_key("ES256"), claims)


def with_a_critical_header(claims: dict[str, Any]) -> str:
    header = {"alg": "ES256", "kid": KEYS["ES256"].kid, "crit": ["exp"], "exp": 1}
    return compact(header, json.dumps(claims).encode(), b"x" * 64)


def with_a_member_twice(claims: dict[str, Any]) -> str:
    text = json.dumps(claims)[:-1] + ', "sub": "the second one"}'
    return resigned(text.encode())


def with_no_json(_claims: dict[str, Any]) -> str:
    return resigned(b"not JSON")


def with_a_changed_payload(claims: dict[str, Any]) -> str:
    header, _, signature = jose.sign(KEYS["ES256"], claims).split(".")
    payload = compact({}, json.dumps(claims | {"sub": "x"}).encode()).split(".")[1]
    return f"{header}.{payload}.{signature}"


def resigned(payload: bytes) -> str:
    key = KEYS["ES256"]
    return jws.serialize_compact({"alg": "ES256", "kid": key.kid}, payload, key.key, ["ES256"])


def of_five_parts(_claims: dict[str, Any]) -> str:
    return "a.b.c.d.e"


def oversized(claims: dict[str, Any]) -> str:
    return jose.sign(KEYS["ES256"], claims | {"padding": "x" * 20_000})


@pytest.mark.parametrize(
    ("forge", "fault"),
    [
        (unsigned, "algorithm_not_allowed"),
        (hs256_with_the_public_key, "algorithm_not_allowed"),
        (signed_by_its_own_key, "key_not_found"),
        (with_an_unknown_kid, "key_not_found"),
        (signed_by_another_under_a_known_kid, "signature_invalid"),
        (with_a_changed_payload, "signature_invalid"),
        (with_a_critical_header, "id_token_malformed"),
        (with_a_member_twice, "id_token_malformed"),
        (with_no_json, "id_token_malformed"),
        (of_five_parts, "id_token_malformed"),
        (oversized, "id_token_malformed"),
    ],
)
async def test_a_forged_id_token_logs_nobody_in(
    desk: Desk, browser: httpx.AsyncClient, forge: Callable[[dict[str, Any]], str], fault: str
):
    """Lessons 62 (`none`, HS256, `jwk`), 63 (`crit`) and 65 (size before decoding)."""
    desk.provider.forge = forge
    await refused_login(desk, browser, fault)


NOW = FrozenClock().now()


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("iss", "https://another.example", "issuer_differs"),
        ("iss", ABSENT, "issuer_differs"),
        ("aud", "another-client", "audience_differs"),
        ("aud", ["another-client"], "audience_differs"),
        ("aud", ABSENT, "audience_differs"),
        ("azp", "another-client", "audience_differs"),
        ("exp", NOW - 61, "token_expired"),
        ("exp", ABSENT, "id_token_malformed"),
        ("exp", "tomorrow", "id_token_malformed"),
        ("iat", NOW + 61, "clock_apart"),
        ("iat", NOW - 3600, "token_expired"),
        ("iat", ABSENT, "id_token_malformed"),
        ("nonce", "of another login", "nonce_differs"),
        ("nonce", ABSENT, "nonce_differs"),
        ("at_hash", "AAAAAAAAAAAAAAAAAAAAAA", "at_hash_differs"),
        ("sub", ABSENT, "subject_missing"),
        ("sub", "", "subject_missing"),
        ("organisation", ABSENT, "organisation_missing"),
        ("organisation", None, "organisation_missing"),
    ],
    ids=lambda value: "absent" if value is ABSENT else repr(value),
)
async def test_a_wrong_claim_logs_nobody_in(
    desk: Desk, browser: httpx.AsyncClient, name: str, value: object, fault: str
):
    """Lesson 60 and OpenID Connect Core section 3.1.3.7."""
    desk.provider.claims[name] = value
    await refused_login(desk, browser, fault)


@pytest.mark.parametrize(("offset", "side"), [(4000, "ahead of"), (-4000, "behind")])
async def test_clocks_that_are_apart_are_measured(
    desk: Desk, browser: httpx.AsyncClient, offset: int, side: str
):
    desk.provider.clock_offset = offset
    event = await refused_login(desk, browser, "clock_apart")
    assert event["detail"] == f"clocks apart by 4000 seconds: the provider's is {side} ours"
    page = await browser.get(f"/login/failed/{event['reference']}")
    assert "clocks apart by 4000 seconds" in page.text


async def test_clocks_a_little_apart_do_not_matter(desk: Desk, browser: httpx.AsyncClient):
    desk.provider.clock_offset = 59
    assert (await log_in(desk, browser)).headers["location"] == desk.dashboard


async def test_a_new_key_is_fetched_once_and_then_known(desk: Desk, browser: httpx.AsyncClient):
    """OpenID Connect Core section 10.1.1."""
    await log_in(desk, browser)
    new = jose.new_key("ES256")
    desk.provider.key = new
    desk.provider.published.append(new)
    desk.clock.advance(60)
    desk.provider.calls.clear()
    for _ in range(2):
        async with desk.browser() as again:
            assert (await log_in(desk, again)).headers["location"] == desk.dashboard
    assert len(desk.provider.called("/jwks")) == 1


async def test_unknown_keys_never_cost_the_provider_a_request_each(
    desk: Desk, browser: httpx.AsyncClient
):
    await log_in(desk, browser)
    desk.clock.advance(60)
    desk.provider.forge = with_an_unknown_kid
    desk.provider.calls.clear()
    for _ in range(4):
        async with desk.browser() as again:
            await refused_login(desk, again, "key_not_found")
    assert len(desk.provider.called("/jwks")) == 1


async def test_keys_are_fetched_anew_after_ten_minutes(desk: Desk, browser: httpx.AsyncClient):
    await log_in(desk, browser)
    withdrawn = desk.provider.published.pop(0)
    assert withdrawn.alg == desk.provider.key.alg
    desk.clock.advance(601)
    async with desk.browser() as again:
        await refused_login(desk, again, "key_not_found")


async def test_a_token_without_kid_is_tried_with_every_fitting_key(
    desk: Desk, browser: httpx.AsyncClient
):
    def without_kid(claims: dict[str, Any]) -> str:
        return jws.serialize_compact(
            {"alg": "ES256"}, json.dumps(claims), KEYS["ES256"].key, ["ES256"]
        )

    desk.provider.forge = without_kid
    assert (await log_in(desk, browser)).headers["location"] == desk.dashboard
