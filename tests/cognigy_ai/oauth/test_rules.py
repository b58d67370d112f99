"""The rules of the authorization server, at their edges."""

import pytest

from cognigy_ai.clients.rules import Client
from cognigy_ai.oauth.rules import authorization_request, logout, pkce
from cognigy_ai.oauth.rules.authorization_request import AuthorizationRequest
from cognigy_ai.oauth.rules.client_auth import Credentials
from cognigy_ai.oauth.rules.next_step import LOGGED_IN, NOTHING_DONE, Situation, Step, next_step
from cognigy_ai.problems import Problem
from cognigy_ai.sessions.rules import Session
from cognigy_ai.tokens.rules import Tokens
from cognigy_ai.users.rules import User

URI = "https://app.example.com/cb"
IMPLICIT = Client("app", "App", redirect_uris=(URI,), consent="implicit")
ADA = User("ada", "acme", "Acme", "ada@acme.example", True, "Ada", "en", (), 1, False, False)  # noqa: FBT003
SESSION = Session("s", ADA, auth_time=1000, amr=("pwd",), expires_at=9000)


def situation(
    prompt: str = "",
    max_age: int | None = None,
    subject: str = "",
    done: frozenset[Step] = NOTHING_DONE,
) -> Situation:
    request = AuthorizationRequest(
        "app", URI, True, "openid", None, None, None,  # noqa: FBT003
        frozenset(prompt.split()), max_age, "", "",
    )  # fmt: skip
    return Situation(request, IMPLICIT, subject, done)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (situation(), Step.CODE),
        (situation("login"), Step.LOGIN),
        (situation("login", done=LOGGED_IN), Step.CODE),
        (situation("consent"), Step.CONSENT),
        (situation("select_account"), Step.ACCOUNT),
        (situation("select_account consent", done=frozenset([Step.ACCOUNT])), Step.CONSENT),
        (situation(max_age=999), Step.LOGIN),
        (situation(max_age=1000), Step.CODE),
        (situation(max_age=0), Step.LOGIN),
        (situation(max_age=0, done=LOGGED_IN), Step.CODE),
        (situation("none", max_age=0), Problem.LOGIN_REQUIRED),
        (situation(subject="ada"), Step.CODE),
        (situation(subject="ben"), Step.LOGIN),
        (situation(subject="ben", done=LOGGED_IN), Problem.LOGIN_REQUIRED),
    ],
)
def test_the_next_step_is_the_first_that_is_not_done(
    at: Situation, expected: Step | Problem
) -> None:
    assert next_step(at, SESSION, frozenset(), now=2000) is expected


def test_nobody_signed_in_has_to_sign_in() -> None:
    assert next_step(situation(), None, frozenset(), now=2000) is Step.LOGIN
    assert next_step(situation("none"), None, frozenset(), now=2000) is Problem.LOGIN_REQUIRED


def test_a_client_without_the_code_grant_gets_no_code() -> None:
    machine = Client("m", "M", redirect_uris=(URI,), grant_types=("client_credentials",))
    given = {"response_type": "code", "redirect_uri": URI}
    assert authorization_request.parse(given, machine, URI) is Problem.CLIENT_NOT_ALLOWED


@pytest.mark.parametrize(
    "changes", [{"iss": "https://evil.example"}, {"sid": None}, {"aud": ["app"]}, {"sub": 1}]
)
def test_a_logout_hint_has_issuer_audience_subject_and_session(changes: dict[str, object]) -> None:
    good = {"iss": "https://ai.example.com", "aud": "app", "sub": "ada", "sid": "s"}
    assert logout.parse_hint(good, "https://ai.example.com") is not None
    assert logout.parse_hint(good | changes, "https://ai.example.com") is None


def test_pkce_matches_the_example_of_the_rfc() -> None:
    """RFC 7636 appendix B."""
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert pkce.s256_challenge(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    assert pkce.verifier_matches(verifier, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
    assert not pkce.verifier_matches(verifier, verifier)  # plain is not accepted
    assert pkce.verifier_matches(None, None)


def test_secrets_do_not_show_where_they_are_printed() -> None:
    assert "hush" not in repr(Credentials("app", "hush", "client_secret_post"))
    assert "hush" not in repr(Tokens("at_hush", "rt_hush", "openid", 900))
