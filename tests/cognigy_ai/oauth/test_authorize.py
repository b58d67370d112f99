"""GET and POST /auth/oauth2/authorize: which requests are answered, and how others are refused."""

from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from support.relying_party import AUTHORIZE, ISSUER, RelyingParty, answer_of

SENTENCE = "Something is wrong with the OAuth configuration"


def is_own_page(answer: httpx.Response) -> bool:
    """Shown here, and nothing sent anywhere."""
    return (
        answer.status_code == 500
        and SENTENCE in answer.text
        and "location" not in answer.headers
        and "refresh" not in answer.headers
    )


async def test_a_session_gets_a_code_without_any_page(signed_in: RelyingParty) -> None:
    answer = await signed_in.authorize()
    assert answer.status_code == 303
    assert set(answer_of(answer)) == {"code", "state", "iss"}
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("client_id", ["nobody", None, "DESK", "desk "])
async def test_an_unknown_client_is_shown_here_and_never_redirected(
    signed_in: RelyingParty, client_id: str | None
) -> None:
    """Lesson 51: an error before the redirect URI is known to be right is shown."""
    assert is_own_page(await signed_in.authorize(client_id=client_id))


WRONG_URIS = [
    "https://desk.example.com/omniauth/cognigy/callback/",
    "https://desk.example.com/omniauth/cognigy/callback?x=1",
    "https://desk.example.com/omniauth/cognigy/callback#x",
    "https://desk.example.com/omniauth/cognigy/../callback",
    "https://desk.example.com/omniauth/cognigy/callback/..;/evil",
    "https://desk.example.com/omniauth/cognigy/%2e%2e/callback",
    "https://desk.example.com/omniauth/cognigy/callback\t",
    "https://desk.example.com\\@evil.example/omniauth/cognigy/callback",
    "https://desk.example.com@evil.example/omniauth/cognigy/callback",
    "https://a@b@desk.example.com/omniauth/cognigy/callback",
    "https://desk.example.com.evil.example/omniauth/cognigy/callback",
    "https://deskXexample.com/omniauth/cognigy/callback",
    "https://DESK.example.com/omniauth/cognigy/callback",
    "https://dësk.example.com/omniauth/cognigy/callback",
    "http://desk.example.com/omniauth/cognigy/callback",
    "https://desk.example.com:443/omniauth/cognigy/callback",
    "https://desk.example.com:8443/omniauth/cognigy/callback",
    "http://localhost/omniauth/cognigy/callback",
    "http://127.0.0.1:1234/omniauth/cognigy/callback",
    "http://[::1]/omniauth/cognigy/callback",
    "javascript:alert(1)",
    "data:text/html,x",
    "/omniauth/cognigy/callback",
    "//desk.example.com/omniauth/cognigy/callback",
]


@pytest.mark.parametrize("redirect_uri", WRONG_URIS)
async def test_a_redirect_uri_is_compared_character_by_character(
    signed_in: RelyingParty, redirect_uri: str
) -> None:
    """Lessons 45, 46, 47, 48 and 49: hosts, authorities, paths, dots and schemes."""
    assert is_own_page(await signed_in.authorize(redirect_uri=redirect_uri))


async def test_the_query_of_a_redirect_uri_is_compared_and_kept(some_app: RelyingParty) -> None:
    """Lesson 50: the query part is in the comparison; RFC 6749 section 3.1.2: and stays."""
    for wrong in ("https://app.example.com/cb", "https://app.example.com/cb?tenant=2"):
        assert is_own_page(await some_app.authorize(redirect_uri=wrong))
    refused = await some_app.authorize(prompt="none")
    assert refused.headers["location"].startswith("https://app.example.com/cb?tenant=1&error=")


async def test_openid_needs_a_redirect_uri(signed_in: RelyingParty) -> None:
    assert is_own_page(await signed_in.authorize(redirect_uri=None))


async def test_plain_oauth_may_leave_out_the_only_redirect_uri(signed_in: RelyingParty) -> None:
    """RFC 6749 section 3.1.2.3, and 4.1.3: then not at the token endpoint either."""
    await signed_in.authorize(redirect_uri=None, scope="email")
    assert (await signed_in.redeem(redirect_uri=None)).status_code == 200


async def test_with_two_redirect_uris_one_has_to_be_named(some_app: RelyingParty) -> None:
    assert is_own_page(await some_app.authorize(redirect_uri=None, scope="email"))


REFUSALS = [
    ({"response_type": None}, "invalid_request"),
    ({"response_type": ""}, "invalid_request"),
    ({"response_type": "token"}, "unsupported_response_type"),
    ({"response_type": "code id_token"}, "unsupported_response_type"),
    ({"response_mode": "fragment"}, "invalid_request"),
    ({"response_mode": "form_post"}, "invalid_request"),
    ({"scope": "openid admin"}, "invalid_scope"),
    ({"scope": " "}, "invalid_scope"),
    ({"code_challenge": None}, "invalid_request"),
    ({"code_challenge_method": None}, "invalid_request"),
    ({"code_challenge_method": "plain"}, "invalid_request"),
    ({"code_challenge": "short"}, "invalid_request"),
    ({"code_challenge": "=" * 43}, "invalid_request"),
    ({"prompt": "none login"}, "invalid_request"),
    ({"prompt": "create"}, "invalid_request"),
    ({"max_age": "-1"}, "invalid_request"),
    ({"max_age": "soon"}, "invalid_request"),
    ({"request": "e30."}, "request_not_supported"),
    ({"request_uri": "https://x.example/r"}, "request_uri_not_supported"),
    ({"registration": "{}"}, "registration_not_supported"),
    ({"nonce": "n" * 501}, "invalid_request"),
    ({"id_token_hint": "e30.e30."}, "invalid_request"),
]


@pytest.mark.parametrize(("changes", "error"), REFUSALS)
async def test_a_request_that_breaks_a_rule_is_told_to_the_client(
    signed_in: RelyingParty, changes: dict[str, str | None], error: str
) -> None:
    answer = await signed_in.authorize(**changes)
    assert answer.headers["location"].startswith(signed_in.redirect_uri + "?")
    told = answer_of(answer)
    assert (told["error"], told["state"], told["iss"]) == (error, "the-state", ISSUER)
    assert told["error_description"].isascii()
    assert not set(told["error_description"]) & {'"', "\\"}
    assert "code" not in told


@pytest.mark.parametrize(
    "changes",
    [
        {"code_challenge_method": "sha256"},  # what installed Live Agents send
        {"state": None},
        {"nonce": None},
        {"response_mode": "query"},
        {"scope": "roles openid openid"},
        {"scope": "openid offline_access"},
        {"scope": None},
        {"prompt": "none"},
        {"max_age": "3600"},
        {"claims": '{"id_token":{"acr":null}}'},
        {"display": "popup", "ui_locales": "de", "claims_locales": "de", "acr_values": "x"},
        {"login_hint": "eve@globex.example", "unknown": "x"},
    ],
)
async def test_what_is_optional_or_unknown_causes_no_error(
    signed_in: RelyingParty, changes: dict[str, str | None]
) -> None:
    told = answer_of(await signed_in.authorize(**changes))
    assert "code" in told
    assert told.get("state") == (None if changes.get("state", "") is None else "the-state")


async def test_a_hostile_state_comes_back_as_it_was_and_is_shown_nowhere(
    desk: RelyingParty,
) -> None:
    """Lesson 49: `state` is escaped in every page and every redirect."""
    state = "\"><script>alert('1')</script>&code=evil#é\r\nSet-Cookie: x=1"
    shown = await desk.authorize(state=state)
    assert "<script>alert" not in shown.text
    redirect = await desk.submit(shown, email="ada@acme.example", password="correct-horse-battery")
    pairs = parse_qsl(urlsplit(redirect.headers["location"]).query)
    assert dict(pairs)["state"] == state
    assert [name for name, _ in pairs] == ["code", "state", "iss"]
    assert "set-cookie: x=1" not in str(redirect.headers).lower()


async def test_a_repeated_parameter_is_refused_here(signed_in: RelyingParty) -> None:
    """RFC 6749 section 3.1; which of the two redirect URIs would be believed?"""
    query = httpx.QueryParams(signed_in.request()).add("redirect_uri", "https://evil.example/")
    answer = await signed_in.http.get(f"{AUTHORIZE}?{query}")
    assert answer.status_code == 400
    assert "location" not in answer.headers


async def test_an_empty_parameter_is_an_absent_one(signed_in: RelyingParty) -> None:
    """RFC 6749 section 3.1."""
    assert is_own_page(await signed_in.authorize(client_id=""))
    assert "code" in answer_of(await signed_in.authorize(prompt="", max_age=""))


async def test_a_posted_request_is_sent_on_as_get(signed_in: RelyingParty) -> None:
    """OpenID Connect Core 3.1.2.1: Lax cookies do not come with another site's form."""
    form = signed_in.request(state="a b&c")
    headers = {"origin": "https://desk.example.com"}
    answer = await signed_in.http.post(AUTHORIZE, data=form, headers=headers)
    assert answer.status_code == 303
    followed = await signed_in.http.get(answer.headers["location"])
    assert answer_of(followed)["state"] == "a b&c"


async def test_the_old_address_is_the_same_endpoint(signed_in: RelyingParty) -> None:
    """/login?cognigy-live-agent=true is what installations have configured."""
    parameters = {"cognigy-live-agent": "true"} | signed_in.request()
    assert "code" in answer_of(await signed_in.http.get("/login", params=parameters))
    wrong = parameters | {"redirect_uri": "https://evil.example/"}
    assert is_own_page(await signed_in.http.get("/login", params=wrong))


async def test_another_host_name_is_sent_to_the_right_one_first(desk: RelyingParty) -> None:
    headers = {"host": "other.example.com"}
    answer = await desk.http.get(AUTHORIZE, params=desk.request(), headers=headers)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(f"{ISSUER}{AUTHORIZE}?")


async def test_no_token_ever_comes_from_the_authorization_endpoint(
    signed_in: RelyingParty,
) -> None:
    """Lesson 70: no fragment, no token in an address."""
    location = (await signed_in.authorize()).headers["location"]
    assert "#" not in location
    assert "token" not in location


async def test_authorization_pages_cannot_be_framed_or_read_by_others(desk: RelyingParty) -> None:
    shown = await desk.authorize()
    assert "frame-ancestors 'none'" in shown.headers["content-security-policy"]
    assert shown.headers["x-frame-options"] == "DENY"
    assert "access-control-allow-origin" not in shown.headers
    assert shown.headers["cache-control"] == "no-store"


async def test_the_form_may_lead_to_the_redirect_uri_and_nowhere_else(desk: RelyingParty) -> None:
    """Chromium blocks a redirect out of a form whose target `form-action` does not name."""
    policy = (await desk.authorize()).headers["content-security-policy"]
    assert "form-action 'self' https://desk.example.com;" in policy


async def test_without_pkce_a_nonce_is_needed_where_the_operator_allows_it(
    short: RelyingParty,
) -> None:
    """RFC 9700 section 2.1.1."""
    await short.log_in(code_challenge=None, code_challenge_method=None)
    assert (await short.redeem(code_verifier=None)).status_code == 200
    refused = await short.authorize(code_challenge=None, nonce=None)
    assert answer_of(refused)["error"] == "invalid_request"


async def test_a_client_without_redirect_uris_has_none(desk: RelyingParty, app: object) -> None:
    """Lesson 48: an empty list means none, never the first one seen."""
    from cognigy_ai.clients.rules import Client
    from cognigy_ai.oauth.rules.authorization_request import redirect_uri_of
    from cognigy_ai.problems import OAuthFault

    client = Client("machine", "Machine", grant_types=("client_credentials",))
    for given in ({}, {"redirect_uri": ""}, {"redirect_uri": "https://x.example/"}):
        assert isinstance(redirect_uri_of(given, client), OAuthFault)
