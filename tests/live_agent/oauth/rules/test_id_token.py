"""May this ID token log somebody in? Each refusal changes one thing of the passing token."""

import base64
import hashlib
import math
from dataclasses import replace
from enum import Enum
from typing import Any

import pytest

from live_agent.cognigy_api.rules.refusal import Refusal
from live_agent.oauth.rules.id_token import OLDEST_SECONDS, Expected, claims_fault
from live_agent.problems import Fault, Problem

NOW = 1_767_225_600
SKEW = 60
EXPECTED = Expected(
    issuer="https://api.example.com",
    client_id="live-agent",
    nonce="the-nonce-of-this-login",
    access_token="at_secret",
    algorithm="ES256",
    skew=SKEW,
    clock_offset=0,
)
GOOD: dict[str, Any] = {
    "iss": "https://api.example.com",
    "sub": "65f0c0ffee0123456789abcd",
    "aud": "live-agent",
    "exp": NOW + 300,
    "iat": NOW,
    "nonce": "the-nonce-of-this-login",
}
ABSENT = Enum("Absent", "MEMBER").MEMBER  # an object with the same name in every process


def judge(expected: Expected = EXPECTED, **changes: object) -> Refusal | None:
    claims = {k: v for k, v in (GOOD | changes).items() if v is not ABSENT}
    return claims_fault(claims, expected, NOW)


def fault(expected: Expected = EXPECTED, **changes: object) -> Fault | None:
    found = judge(expected, **changes)
    if found is None:
        return None
    assert found.problem is Problem.OAUTH_CONFIGURATION
    return found.fault


def half_hash(algorithm: str, access_token: str = "at_secret") -> str:
    digest = hashlib.new(algorithm, access_token.encode()).digest()
    return base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()


def test_a_good_token_is_believed():
    assert judge() is None


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": ["live-agent"]},
        {"azp": "live-agent"},
        {"aud": ["live-agent", "other"], "azp": "live-agent"},
        {"extra": {"anything": [1, 2]}},
        {"exp": NOW + 300.5, "iat": NOW - 0.5},
        {"nbf": NOW},
        {"iat": NOW + SKEW},
        {"exp": NOW - SKEW + 1},
        {"iat": NOW - OLDEST_SECONDS - SKEW},
    ],
    ids=str,
)
def test_what_the_standard_allows_is_believed(changes: dict[str, object]):
    assert judge(**changes) is None


@pytest.mark.parametrize(
    "issuer",
    [
        ABSENT,
        "",
        None,
        "https://api.example.com/",
        "https://api.example.co",
        "https://api.example.com.evil.example",
        "http://api.example.com",
        "HTTPS://api.example.com",
        ["https://api.example.com"],
    ],
)
def test_the_issuer_is_compared_whole(issuer: object):
    """Lesson 63: CVE-2024-53861, issuer compared as a substring."""
    assert fault(iss=issuer) is Fault.ISSUER_DIFFERS


@pytest.mark.parametrize(
    "audience",
    [ABSENT, "", None, "other", [], ["other"], "live-agent other", 7, ["live-agent", 7], {"a": 1}],
)
def test_a_token_for_somebody_else_is_refused(audience: object):
    """Lesson 60: CVE-2023-22482, a token for another audience."""
    assert fault(aud=audience) is Fault.AUDIENCE_DIFFERS


@pytest.mark.parametrize(
    ("audience", "party"),
    [
        ("live-agent", "other"),
        (["live-agent"], "other"),
        (["live-agent", "other"], "other"),
        (["live-agent", "other"], ABSENT),
        ("other", "live-agent"),
        ("live-agent", ["live-agent"]),
        ("live-agent", ""),
    ],
)
def test_the_authorized_party_must_be_this_client(audience: object, party: object):
    """Lesson 60: also with `azp`."""
    assert fault(aud=audience, azp=party) is Fault.AUDIENCE_DIFFERS


@pytest.mark.parametrize("name", ["exp", "iat"])
@pytest.mark.parametrize(
    "value", [ABSENT, None, str(NOW + 300), True, math.nan, math.inf, -math.inf, [NOW]]
)
def test_a_time_that_is_none_is_refused(name: str, value: object):
    assert fault(**{name: value}) is Fault.ID_TOKEN_MALFORMED


def test_a_not_before_that_is_no_time_is_refused():
    assert fault(nbf="now") is Fault.ID_TOKEN_MALFORMED


@pytest.mark.parametrize(
    "changes",
    [{"exp": NOW - SKEW}, {"exp": 0}, {"exp": -1}, {"iat": NOW - OLDEST_SECONDS - SKEW - 1}],
    ids=str,
)
def test_an_old_token_is_refused(changes: dict[str, object]):
    assert fault(**changes) is Fault.TOKEN_EXPIRED


@pytest.mark.parametrize(
    "changes", [{"iat": NOW + SKEW + 1}, {"nbf": NOW + SKEW + 1}, {"iat": 10**30}], ids=str
)
def test_a_token_of_the_future_says_that_the_clocks_are_apart(changes: dict[str, object]):
    assert fault(**changes) is Fault.CLOCK_APART


@pytest.mark.parametrize(
    ("changes", "offset", "said"),
    [
        ({"exp": NOW - 900}, -1200, "clocks apart by 1200 seconds: the provider's is behind ours"),
        ({"iat": NOW + 5000}, 4998, "clocks apart by 4998 seconds: the provider's is ahead of our"),
        ({"iat": NOW + 5000}, None, "clocks apart by 5000 seconds: the provider's is ahead of our"),
    ],
)
def test_the_distance_of_the_clocks_is_measured(
    changes: dict[str, object], offset: int | None, said: str
):
    found = judge(replace(EXPECTED, clock_offset=offset), **changes)
    assert found is not None
    assert found.fault is Fault.CLOCK_APART
    assert found.detail.startswith(said)


def test_an_old_token_of_a_provider_whose_clock_is_right_is_just_old():
    assert fault(replace(EXPECTED, clock_offset=2), exp=NOW - 900) is Fault.TOKEN_EXPIRED


@pytest.mark.parametrize(
    "nonce", [ABSENT, None, "", "another-nonce", "the-nonce-of-this-login ", 7, "\ud800", "ü"]
)
def test_a_token_of_another_login_is_refused(nonce: object):
    """Lesson 16: the answer belongs to exactly this flow."""
    assert fault(nonce=nonce) is Fault.NONCE_DIFFERS


@pytest.mark.parametrize(
    ("algorithm", "hashed_with"),
    [("ES256", "sha256"), ("RS256", "sha256"), ("EdDSA", "sha512")],
)
def test_the_hash_of_the_access_token_is_checked(algorithm: str, hashed_with: str):
    expected = replace(EXPECTED, algorithm=algorithm)
    assert fault(expected, at_hash=half_hash(hashed_with)) is None
    assert fault(expected, at_hash=half_hash(hashed_with, "other")) is Fault.AT_HASH_DIFFERS
    assert fault(expected, at_hash=half_hash("sha384")) is Fault.AT_HASH_DIFFERS


@pytest.mark.parametrize("value", [None, "", 7, "\ud800", ["x"]])
def test_a_hash_that_is_none_is_refused(value: object):
    assert fault(at_hash=value) is Fault.AT_HASH_DIFFERS


def test_a_hash_by_an_algorithm_that_is_not_known_fails_closed():
    """Lesson 64: CVE-2026-28498, fail-open hash binding."""
    expected = replace(EXPECTED, algorithm="ES999")
    assert fault(expected, at_hash=half_hash("sha256")) is Fault.AT_HASH_DIFFERS


def test_what_the_provider_wrote_is_made_harmless_for_the_log():
    found = judge(iss="evil\nlevel=info" + "x" * 1000)
    assert found is not None
    assert "\n" not in found.detail
    assert len(found.detail) < 250
