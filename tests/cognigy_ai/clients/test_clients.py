"""Registered clients, and Live Agent's from the environment."""

from dataclasses import replace

import pytest

from cognigy_ai.clients import actions as clients
from cognigy_ai.clients import rules
from cognigy_ai.clients.actions import ClientRegistry, live_agent_client
from cognigy_ai.clients.rules import Client
from cognigy_ai.problems import Problem
from kernel.opaque import fingerprint
from kernel.problems import ProblemError
from support.platform import ENVIRONMENT, Platform, settings_of

GOOD = Client(
    client_id="a-client",
    name="A client",
    redirect_uris=("https://client.example/callback?tenant=1",),
    post_logout_redirect_uris=("https://client.example/bye",),
    backchannel_logout_uri="https://client.example/out",
)
SECRET = fingerprint("a secret that nobody guesses")


async def register(platform: Platform, client: Client = GOOD, secret: str | None = SECRET) -> None:
    async with platform.database.transaction() as tx:
        await clients.register(tx, client, secret, platform.now)


@pytest.fixture
def registry(platform: Platform) -> ClientRegistry:
    return platform.app.state.clients


async def test_a_registered_client_is_found_as_it_was_given(platform, registry) -> None:
    await register(platform)
    found = await registry.find("a-client", platform.now)
    assert found == replace(GOOD, secret_fingerprints=(SECRET,))


async def test_a_client_id_is_compared_exactly(platform, registry) -> None:
    await register(platform)
    assert await registry.find("A-CLIENT", platform.now) is None


async def test_live_agent_is_a_client_without_a_row(registry, platform) -> None:
    found = await registry.find("cognigy-live-agent", platform.now)
    assert found is not None
    assert found.redirect_uris == ("http://localhost:3000/omniauth/cognigy/callback",)
    assert found.post_logout_redirect_uris == ("http://localhost:3000/logged-out",)
    assert found.id_token_alg == "ES256"
    assert found.pkce == "required"
    assert found.consent == "implicit"
    assert found.secret_fingerprints == (fingerprint("a-live-agent-secret-of-the-tests"),)


def test_during_a_rotation_both_secrets_of_live_agent_are_valid() -> None:
    other = "the-secret-that-was-valid-before"
    found = live_agent_client(settings_of({"CLIENT_SECRET_COGNIGY_LIVE_AGENT_PREVIOUS": other}))
    assert found is not None
    assert found.secret_fingerprints == tuple(
        fingerprint(s) for s in (ENVIRONMENT["CLIENT_SECRET_COGNIGY_LIVE_AGENT"], other)
    )


def test_without_the_feature_live_agent_is_no_client() -> None:
    assert live_agent_client(settings_of({"FEATURE_USE_COGNIGY_LIVE_AGENT": "false"})) is None


async def test_a_disabled_client_is_not_found_within_a_second(platform, registry) -> None:
    await register(platform)
    assert await registry.find("a-client", platform.now) is not None
    async with platform.database.transaction() as tx:
        assert await clients.disable(tx, "a-client", platform.now)
    platform.clock.advance(1)
    assert await registry.find("a-client", platform.now) is None
    async with platform.database.transaction() as tx:
        assert not await clients.disable(tx, "a-client", platform.now)
        assert await clients.enable(tx, "a-client", platform.now)
        assert not await clients.enable(tx, "a-client", platform.now)
    platform.clock.advance(1)
    assert await registry.find("a-client", platform.now) is not None


async def test_a_client_is_read_once_a_second(platform, registry) -> None:
    await register(platform)
    before = platform.database.statements
    for _ in range(20):
        await registry.find("a-client", platform.now)
    assert platform.database.statements == before + 1


async def test_invented_ids_do_not_fill_the_memory(registry, platform) -> None:
    for number in range(1100):
        await registry.find(f"invented-{number}", platform.now)
    assert len(registry._known) <= 1000


async def test_the_previous_secret_stays_valid_until_the_next_rotation(platform, registry) -> None:
    await register(platform)
    second, third = fingerprint("second"), fingerprint("third")
    async with platform.database.transaction() as tx:
        await clients.rotate_secret(tx, "a-client", second, platform.now)
    found = await registry.find("a-client", platform.now)
    assert found is not None
    assert found.secret_fingerprints == (second, SECRET)
    async with platform.database.transaction() as tx:
        await clients.rotate_secret(tx, "a-client", third, platform.now, keep_previous=False)
    platform.clock.advance(1)
    found = await registry.find("a-client", platform.now)
    assert found is not None
    assert found.secret_fingerprints == (third,)


async def test_a_client_id_is_registered_once(platform) -> None:
    await register(platform)
    with pytest.raises(ProblemError) as refused:
        await register(platform)
    assert refused.value.problem is Problem.CLIENT_EXISTS


async def test_a_change_keeps_secret_and_state_and_says_whether_there_was_one(platform) -> None:
    await register(platform)
    async with platform.database.transaction() as tx:
        assert not await clients.change(tx, GOOD, platform.now)
        assert await clients.change(tx, replace(GOOD, name="Another name"), platform.now)
        found = await clients.get(tx, "a-client")
    assert found.name == "Another name"
    assert found.secret_fingerprints == (SECRET,)


async def test_a_client_cannot_lose_its_secret_by_a_change(platform) -> None:
    await register(platform)
    public = replace(GOOD, auth_method="none")
    with pytest.raises(ProblemError) as refused:
        async with platform.database.transaction() as tx:
            await clients.change(tx, public, platform.now)
    assert refused.value.problem is Problem.CLIENT_INVALID


async def test_a_confidential_client_needs_a_secret(platform) -> None:
    with pytest.raises(ProblemError) as refused:
        await register(platform, secret=None)
    assert refused.value.problem is Problem.CLIENT_INVALID


async def test_a_public_client_has_no_secret(platform, registry) -> None:
    await register(platform, replace(GOOD, auth_method="none"))
    found = await registry.find("a-client", platform.now)
    assert found is not None
    assert found.secret_fingerprints == ()
    with pytest.raises(ProblemError):
        async with platform.database.transaction() as tx:
            await clients.rotate_secret(tx, "a-client", SECRET, platform.now)


async def test_an_unknown_client_is_a_refusal(platform) -> None:
    for deed in (clients.disable, clients.enable):
        with pytest.raises(ProblemError) as refused:
            async with platform.database.transaction() as tx:
                await deed(tx, "nobody", platform.now)
        assert refused.value.problem is Problem.CLIENT_NOT_FOUND


def test_the_good_client_has_no_fault() -> None:
    assert rules.fault_of(GOOD) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": ""},
        {"client_id": "with space"},
        {"client_id": "x" * 129},
        {"name": " "},
        {"auth_method": "private_key_jwt"},
        {"id_token_alg": "HS256"},
        {"pkce": "never"},
        {"consent": "never"},
        {"scopes": ("openid", "offline_access")},
        {"grant_types": ("password",)},
        {"grant_lifetime": 59},
        {"redirect_uris": ()},
        {"auth_method": "none", "pkce": "optional"},
        {"auth_method": "none", "grant_types": ("client_credentials",)},
        {"post_logout_redirect_uris": ("javascript:alert(1)",)},
        {"backchannel_logout_uri": "com.example:/out"},
        {"backchannel_logout_uri": "http://client.example/out"},
    ],
)
def test_one_fault_refuses_a_registration(changes: dict[str, object]) -> None:
    assert rules.fault_of(replace(GOOD, **changes)) is not None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "uri",
    [
        "https://client.example/callback",
        "https://client.example/callback?a=1&b=2",
        "http://127.0.0.1:4000/callback",
        "http://localhost/callback",
        "http://[::1]:4000/callback",
        "com.example.app:/callback",
    ],
)
def test_redirect_uris_that_may_be_registered(uri: str) -> None:
    assert rules.fault_of_redirect_uri(uri) is None


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "/callback",
        "https://client.example/callback#fragment",
        "https://user@client.example/callback",
        "https:///callback",
        "https://client.example/a b",
        "https://client.example\\@evil.example/",
        "http://client.example/callback",
        "http://127.0.0.1.evil.example/callback",
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "https://client.example:port/",
        "https://[client.example/",
        "https://clíent.example/",
        "https://client.example/" + "x" * 2000,
    ],
)
def test_redirect_uris_that_may_not(uri: str) -> None:
    assert rules.fault_of_redirect_uri(uri) is not None
