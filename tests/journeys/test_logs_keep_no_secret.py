"""At LOG_LEVEL=debug, both logs of a day's work hold none of the secrets that were used.

Every other story looks at its logs as well when it ends; this one makes sure that it would see
something, and talks to the token endpoint itself, whose tokens no browser ever gets.
"""

import base64
import hashlib

import httpx

from journeys.people import PASSWORD, Window, World
from journeys.secrets_used import TOKENS
from journeys.test_single_sign_on import answer_of, authorize_address
from support.servers import CLIENT_ID

VERIFIER = "a-verifier-of-forty-three-characters-or-more-01"


def challenge() -> str:
    digest = hashlib.sha256(VERIFIER.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def test_the_search_would_find_what_it_looks_for(window: Window, world: World):
    window.sign_in("agent@acme.example")
    window.is_at_dashboard()
    world.secrets.read_cookies(window.context)
    for cookie in window.context.cookies():
        if str(cookie["name"]).endswith("_session"):
            assert world.secrets.found_in(f"x {cookie['value']} y")
    assert world.secrets.found_in(f'"password": "{PASSWORD}"')
    assert TOKENS.search("at_0123456789abcdefghij")


def test_both_systems_talk_at_debug(window: Window, world: World):
    window.sign_in("agent@acme.example")
    window.is_at_dashboard()
    for system in (world.pair.platform, world.pair.desk):
        assert system.environment["LOG_LEVEL"] == "debug"
        assert system.events(), "nothing was logged"


def test_tokens_refreshed_revoked_and_refused_stay_out_of_the_log(window: Window, world: World):
    window.sign_in("agent@acme.example")
    window.is_at_dashboard()
    address = authorize_address(world, code_challenge=challenge())
    code = answer_of(window, address)["code"]
    endpoint = world.platform + "/auth/oauth2/"
    secret = world.pair.desk.environment["COGNIGY_OAUTH_CLIENT_SECRET"]
    with httpx.Client(auth=(CLIENT_ID, secret)) as client:

        def post(path: str, **form: str) -> httpx.Response:
            return client.post(endpoint + path, data=form)

        redeemed = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": world.pair.desk.redirect_uri,
            "code_verifier": VERIFIER,
        }
        tokens = post("token", **redeemed).json()
        assert {"access_token", "refresh_token", "id_token"} <= set(tokens)
        bearer = {"authorization": f"Bearer {tokens['access_token']}"}
        assert httpx.get(endpoint + "userinfo", headers=bearer).status_code == 200
        assert post("introspect", token=tokens["access_token"]).json()["active"] is True
        again = post("token", grant_type="refresh_token", refresh_token=tokens["refresh_token"])
        assert again.status_code == 200
        assert post("token", **redeemed).json()["error"] == "invalid_grant"
        post("revoke", token=again.json()["refresh_token"])
        post("token", grant_type="refresh_token", refresh_token=again.json()["refresh_token"])
    with httpx.Client(auth=(CLIENT_ID, "an-altogether-wrong-secret")) as client:
        assert client.post(endpoint + "token", data=redeemed).status_code == 401
    for found in (tokens, again.json()):
        for name in ("access_token", "refresh_token", "id_token"):
            if name in found:
                world.secrets.add(name, found[name])
    world.secrets.add("code", code)
    world.secrets.add("code_verifier", VERIFIER)
    world.secrets.add("a wrong secret", "an-altogether-wrong-secret")
    world.check_logs_hold_no_secret()


def test_what_goes_wrong_is_logged_without_secrets_too(window: Window, world: World):
    window.sign_in("agent@acme.example", "not-the-right-one-99")
    window.sees("E-mail or password is wrong")
    window.go("/old-login")
    window.type_credentials("old@acme.example", "not-the-right-one-99")
    window.sees("no longer works")
    window.go("/omniauth/cognigy/callback?code=a-code-that-was-made-up&state=a-state-made-up-too")
    window.go(world.platform + "/auth/oauth2/authorize?client_id=unknown&state=made-up-state-here")
    window.go(world.platform + "/password/set/a-link-that-somebody-made-up")
    for made_up in (
        "a-code-that-was-made-up",
        "a-state-made-up-too",
        "made-up-state-here",
        "a-link-that-somebody-made-up",
        "not-the-right-one-99",
    ):
        world.secrets.add("made up", made_up)
    world.check_logs_hold_no_secret()
    assert "login.refused" in {event["event"] for event in world.pair.platform.events()}
