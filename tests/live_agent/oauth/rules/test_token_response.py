"""What the token endpoint says."""

from enum import Enum
from typing import Any

import pytest

from live_agent.cognigy_api.rules.refusal import Refusal
from live_agent.oauth.rules import token_response, userinfo
from live_agent.oauth.rules.token_response import Tokens
from live_agent.problems import Fault, Problem

GOOD: dict[str, Any] = {
    "access_token": "at_1",
    "token_type": "Bearer",
    "expires_in": 900,
    "id_token": "a.b.c",
    "refresh_token": "rt_1",
}
ABSENT = Enum("Absent", "MEMBER").MEMBER  # an object with the same name in every process


def read(status: int = 200, *, required: bool = True, **changes: object) -> Tokens | Refusal:
    members = {k: v for k, v in (GOOD | changes).items() if v is not ABSENT}
    return token_response.read(status, members, id_token_required=required)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"expires_in": ABSENT},
        {"refresh_token": ABSENT},
        {"token_type": "bearer"},
        {"token_type": "BEARER"},
        {"scope": "openid", "not_before_policy": 0, "session_state": "x"},
    ],
    ids=str,
)
def test_what_the_standard_allows_is_taken(changes: dict[str, object]):
    found = read(**changes)
    assert isinstance(found, Tokens)
    assert (found.access_token, found.id_token) == ("at_1", "a.b.c")


def test_tokens_never_show_in_a_traceback():
    assert "at_1" not in repr(read())


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"access_token": ABSENT}, Fault.TOKEN_ENDPOINT_ANSWERED_NONSENSE),
        ({"access_token": ""}, Fault.TOKEN_ENDPOINT_ANSWERED_NONSENSE),
        ({"access_token": ["at_1"]}, Fault.TOKEN_ENDPOINT_ANSWERED_NONSENSE),
        ({"access_token": "ü"}, Fault.TOKEN_ENDPOINT_ANSWERED_NONSENSE),
        ({"token_type": ABSENT}, Fault.TOKEN_ENDPOINT_ANSWERED_NONSENSE),
        ({"token_type": "mac"}, Fault.TOKEN_ENDPOINT_ANSWERED_NONSENSE),
        ({"token_type": 7}, Fault.TOKEN_ENDPOINT_ANSWERED_NONSENSE),
        ({"refresh_token": 7}, Fault.TOKEN_ENDPOINT_ANSWERED_NONSENSE),
        ({"id_token": ABSENT}, Fault.ID_TOKEN_MISSING),
        ({"id_token": None}, Fault.ID_TOKEN_MISSING),
        ({"id_token": {"sub": "x"}}, Fault.ID_TOKEN_MALFORMED),
        ({"id_token": "x" * 16_385}, Fault.ID_TOKEN_MALFORMED),
    ],
    ids=str,
)
def test_what_it_does_not_allow_is_named(changes: dict[str, object], fault: Fault):
    found = read(**changes)
    assert isinstance(found, Refusal)
    assert found.fault is fault


def test_without_id_tokens_none_is_missed():
    found = read(required=False, id_token=ABSENT)
    assert isinstance(found, Tokens)
    assert found.id_token is None


@pytest.mark.parametrize(
    ("error", "problem", "fault"),
    [
        ("invalid_client", Problem.OAUTH_CONFIGURATION, Fault.SECRET_REJECTED),
        ("unauthorized_client", Problem.OAUTH_CONFIGURATION, Fault.CLIENT_UNKNOWN),
        ("invalid_grant", Problem.LOGIN_EXPIRED, Fault.GRANT_REFUSED),
        ("invalid_scope", Problem.OAUTH_CONFIGURATION, Fault.SCOPE_REFUSED),
        ("invalid_request", Problem.OAUTH_CONFIGURATION, Fault.TOKEN_REQUEST_REFUSED),
        ("unsupported_grant_type", Problem.OAUTH_CONFIGURATION, Fault.TOKEN_REQUEST_REFUSED),
        ("temporarily_unavailable", Problem.PROVIDER_UNAVAILABLE, None),
        ("server_error", Problem.PROVIDER_UNAVAILABLE, None),
        ("new", Problem.OAUTH_CONFIGURATION, Fault.TOKEN_ENDPOINT_ANSWERED_NONSENSE),
        (["x"], Problem.OAUTH_CONFIGURATION, Fault.TOKEN_ENDPOINT_ANSWERED_NONSENSE),
        (None, Problem.OAUTH_CONFIGURATION, Fault.TOKEN_ENDPOINT_ANSWERED_NONSENSE),
    ],
)
def test_each_error_is_told(error: object, problem: Problem, fault: Fault | None):
    found = token_response.read(400, {"error": error}, id_token_required=True)
    assert isinstance(found, Refusal)
    assert (found.problem, found.fault) == (problem, fault)


def test_a_kind_provider_says_that_the_redirect_uri_differs():
    members = {"error": "invalid_grant", "error_description": "redirect_uri does not match"}
    found = token_response.read(400, members, id_token_required=True)
    assert isinstance(found, Refusal)
    assert found.fault is Fault.REDIRECT_URI_DIFFERS


def test_an_error_with_status_200_is_an_error():
    found = read(error="invalid_grant")
    assert isinstance(found, Refusal)
    assert found.fault is Fault.GRANT_REFUSED


def id_token(payload: str) -> str:
    import base64

    return f"h.{base64.urlsafe_b64encode(payload.encode()).rstrip(b'=').decode()}.s"


@pytest.mark.parametrize(
    ("members", "token", "refused"),
    [
        ({"sub": "1"}, None, False),
        ({"sub": "1"}, id_token('{"sub": "1"}'), False),
        ({"sub": 1}, id_token('{"sub": "1"}'), False),
        ({"sub": "2"}, id_token('{"sub": "1"}'), True),
        ({}, id_token("{}"), True),
        ({"sub": "1"}, "garbage", True),
        ({"sub": "1"}, "a.%%%.c", True),
        ({"sub": "1"}, id_token("[]"), True),
    ],
)
def test_userinfo_must_speak_of_the_same_person(
    members: dict[str, object], token: str | None, *, refused: bool
):
    """OpenID Connect Core section 5.3.2."""
    found = userinfo.refusal(members, token)
    assert (found is not None) == refused
    if found is not None:
        assert found.fault is Fault.USERINFO_SUBJECT_DIFFERS
