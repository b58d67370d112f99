"""Somebody set a value wrong. The person reads one sentence; the log names the reason."""

import hashlib
import shutil
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import trustme
from joserfc import jwk, jwt
from playwright.sync_api import Browser

from journeys.conftest import Seeds
from journeys.people import CONFIGURATION, Window, World
from journeys.strangers import as_json, html, late, stranger
from support.postgres import free_port
from support.servers import Desk, Pair, running

EMAIL = "agent@acme.example"


@dataclass
class Stage:
    """A platform that runs, and desks that are set up wrongly beside it, one after the other."""

    pair: Pair
    seeds: Seeds
    browser: Browser
    tmp_path: Path

    @contextmanager
    def desk_with(self, port: int = 0, **environment: str) -> Iterator[World]:
        desk = self.pair.desk
        shutil.copyfile(self.seeds.desk, self.tmp_path / "desk.db")
        other = Desk("", self.tmp_path, port or desk.port)
        other.environment = desk.environment | environment
        other.environment["DATABASE_URL"] = f"sqlite:///{self.tmp_path / 'desk.db'}"
        if port:
            other.environment["FRONTEND_URL"] = other.url
        world = World(
            replace(self.pair, desk=other), self.browser, self.tmp_path, self.seeds.account
        )
        with running(other):
            yield world
            world.close_windows()
        world.check_logs_hold_no_secret()


@pytest.fixture(scope="module")
def platform_runs(pair: Pair) -> Iterator[Pair]:
    with running(pair.platform):
        yield pair


@pytest.fixture
def stage(platform_runs: Pair, seeds: Seeds, browser: Browser, tmp_path: Path) -> Stage:
    return Stage(platform_runs, seeds, browser, tmp_path)


def reads_error_1(window: Window, fault: str, *, platform_knows: bool = True) -> dict[str, Any]:
    """The sentence, the reference in the logs, the reason in the desk's; the event with it."""
    window.reads(CONFIGURATION)
    assert window.status == 500
    reference = window.reference()
    world = window.world
    refused = [
        event
        for event in world.pair.desk.events("request.refused")
        if event.get("reference") == reference
    ]
    assert [event["fault"] for event in refused] == [fault]
    if platform_knows:
        assert reference in world.pair.platform.log()
    assert world.secrets.found_in(window.page.content().replace(csrf(window), "")) == []
    assert urlsplit(window.url).query == ""
    return refused[0]


def csrf(window: Window) -> str:
    return str(window.page.locator("input[name=csrf_token]").first.get_attribute("value"))


def reads_error_1_at_the_platform(window: Window, fault: str) -> None:
    """Before client and redirect URI are known to fit, nobody is sent back anywhere."""
    window.reads(CONFIGURATION)
    platform = window.world.pair.platform
    assert window.url.startswith(platform.url)
    assert window.status == 500
    reference = window.reference()
    refused = [e for e in platform.events("request.refused") if e.get("reference") == reference]
    assert [event["fault"] for event in refused] == [fault]
    assert reference in window.world.pair.desk.log()


def test_the_client_id_is_another_one(stage: Stage):
    with stage.desk_with(COGNIGY_OAUTH_CLIENT_ID="live-agent-test") as world:
        window = world.window()
        window.go("/login")
        window.press("Sign in")
        reads_error_1_at_the_platform(window, "client_unknown")


def test_the_redirect_uri_is_another_one(stage: Stage):
    with stage.desk_with(port=free_port()) as world:
        window = world.window()
        window.go("/login")
        window.press("Sign in")
        reads_error_1_at_the_platform(window, "redirect_uri_differs")


def test_the_secret_is_another_one(stage: Stage):
    secret = hashlib.sha256(b"another").hexdigest()
    with stage.desk_with(COGNIGY_OAUTH_CLIENT_SECRET=secret) as world:
        window = world.window()
        window.sign_in(EMAIL)
        event = reads_error_1(window, "secret_rejected")
        assert "CLIENT_SECRET_COGNIGY_LIVE_AGENT" in event["keys"]
        window.page.get_by_text("For operators").click()
        window.sees("secret_rejected")
        window.sees("COGNIGY_OAUTH_CLIENT_SECRET")


def test_the_token_endpoint_is_not_there(stage: Stage):
    nobody = f"http://127.0.0.1:{free_port()}/auth/oauth2/token"
    with stage.desk_with(COGNIGY_OAUTH_TOKEN_URL=nobody) as world:
        window = world.window()
        window.sign_in(EMAIL)
        reads_error_1(window, "token_endpoint_unreachable")
        assert nobody not in window.page.content(), "an address of the inner network"


def test_the_whole_platform_is_down(stage: Stage):
    """Without a configured authorize address Live Agent has to ask the provider for it."""
    down = f"http://127.0.0.1:{free_port()}"
    changes = {"COGNIGY_OAUTH_SITE": down, "COGNIGY_OAUTH_AUTHORIZE_URL": ""}
    with stage.desk_with(**changes) as world:
        window = world.window()
        window.go("/login")
        window.press("Sign in")
        reads_error_1(window, "discovery_unreachable", platform_knows=False)


def test_the_platform_stops_while_somebody_types(stage: Stage):
    with (
        stranger(token=html("", 503)) as proxy,
        stage.desk_with(COGNIGY_OAUTH_TOKEN_URL=proxy.url("/token", "127.0.0.1")) as world,
    ):
        window = world.window()
        window.sign_in(EMAIL)
        window.reads("Cognigy.AI cannot log you in at the moment")
        assert window.status == 503


def test_the_token_endpoint_is_slow(stage: Stage):
    with stranger(token=late(3)) as slow:
        changes = {
            "COGNIGY_OAUTH_TOKEN_URL": slow.url("/token", "127.0.0.1"),
            "COGNIGY_OAUTH_TIMEOUT_SECONDS": "1",
        }
        with stage.desk_with(**changes) as world:
            window = world.window()
            window.sign_in(EMAIL)
            reads_error_1(window, "token_endpoint_timed_out")


def test_the_token_endpoint_is_a_page_for_people(stage: Stage):
    with (
        stranger(token=html("<h1>Welcome</h1>")) as page,
        stage.desk_with(COGNIGY_OAUTH_TOKEN_URL=page.url("/token", "127.0.0.1")) as world,
    ):
        window = world.window()
        window.sign_in(EMAIL)
        reads_error_1(window, "token_endpoint_answered_nonsense")


def test_the_issuer_is_another_one(stage: Stage):
    issuer = stage.pair.platform.url.replace("127.0.0.1", "localhost")
    with stage.desk_with(COGNIGY_OAUTH_ISSUER=issuer) as world:
        window = world.window()
        window.sign_in(EMAIL)
        reads_error_1(window, "issuer_differs")


def test_the_keys_are_those_of_another_provider(stage: Stage):
    key = jwk.ECKey.generate_key("P-256", {"kid": "another", "use": "sig", "alg": "ES256"})
    keys = {"keys": [key.as_dict(private=False)]}
    with (
        stranger(keys=as_json(lambda _: keys)) as other,
        stage.desk_with(COGNIGY_OAUTH_JWKS_URL=other.url("/keys", "127.0.0.1")) as world,
    ):
        window = world.window()
        window.sign_in(EMAIL)
        reads_error_1(window, "key_not_found")


def test_nobody_here_trusts_the_certificate(stage: Stage):
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    with (
        stranger(context, token=html("")) as private,
        stage.desk_with(COGNIGY_OAUTH_TOKEN_URL=private.url("/token")) as world,
    ):
        window = world.window()
        window.sign_in(EMAIL)
        event = reads_error_1(window, "token_endpoint_tls_untrusted")
        assert "SSL_CA_FILE" in event["keys"]


@pytest.mark.parametrize("seconds", [-3_600, 3_600], ids=["behind", "ahead"])
def test_the_clocks_are_apart(stage: Stage, seconds: int):
    """A provider whose clock is an hour wrong: it signs well, with a nonce that fits."""
    key = jwk.ECKey.generate_key("P-256", {"kid": "one", "use": "sig", "alg": "ES256"})
    seen: dict[str, str] = {}

    def token(_body: bytes) -> dict[str, Any]:
        now = int(time.time()) + seconds
        claims = {
            "iss": stage.pair.platform.url,
            "sub": "somebody",
            "aud": stage.pair.desk.environment["COGNIGY_OAUTH_CLIENT_ID"],
            "iat": now,
            "exp": now + 300,
            "auth_time": now,
            "nonce": seen["nonce"],
        }
        signed = jwt.encode({"alg": "ES256", "kid": "one"}, claims, key)
        return {"access_token": "opaque", "token_type": "Bearer", "id_token": signed}

    with stranger(token=as_json(token), keys=as_json(lambda _: {"keys": [public(key)]})) as other:
        other.ahead = seconds
        changes = {
            "COGNIGY_OAUTH_TOKEN_URL": other.url("/token", "127.0.0.1"),
            "COGNIGY_OAUTH_JWKS_URL": other.url("/keys", "127.0.0.1"),
        }
        with stage.desk_with(**changes) as world:
            window = world.window()
            window.page.on("request", noting_nonce(seen))
            window.sign_in(EMAIL)
            event = reads_error_1(window, "clock_apart")
            measured = int("".join(c for c in str(event["detail"]) if c.isdigit()))
            assert abs(measured - abs(seconds)) < 10
            window.page.get_by_text("For operators").click()
            window.sees(str(event["detail"]))


def public(key: jwk.ECKey) -> dict[str, Any]:
    return dict(key.as_dict(private=False))


def noting_nonce(seen: dict[str, str]) -> Callable[[Any], None]:
    def note(request: Any) -> None:
        query = parse_qs(urlsplit(request.url).query)
        if "nonce" in query:
            seen["nonce"] = query["nonce"][0]

    return note


def test_every_value_is_right_again(stage: Stage):
    """The same platform, the same person, nothing wrong: the other stories broke one thing each."""
    with stage.desk_with() as world:
        window = world.window()
        window.sign_in(EMAIL)
        window.is_at_dashboard()
