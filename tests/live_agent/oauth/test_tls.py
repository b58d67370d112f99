"""TLS is verified at every call of the provider.

Each test starts from the login that succeeds and changes one thing at the provider.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import trustme

from kernel.db import Database
from support.clock import FrozenClock
from support.oauth_desk import environment_of, failed_page, log_in, refused_login, running_desk
from support.provider import Provider, running_provider


@pytest.fixture(params=["sqlite"])
def engine(request: pytest.FixtureRequest) -> str:
    """What the provider does wrong is the same on both databases; test_login.py runs on both."""
    return str(request.param)


@dataclass
class Authority:
    """A certificate authority of the test's own."""

    folder: Path
    ca: trustme.CA = field(default_factory=trustme.CA)

    def certificate(self, *names: str) -> Path:
        path = self.folder / f"{names[0]}.pem"
        self.ca.issue_cert(*names).private_key_and_cert_chain_pem.write_to_path(path)
        return path

    @property
    def file(self) -> Path:
        path = self.folder / "ca.pem"
        self.ca.cert_pem.write_to_path(path)
        return path


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
async def tls_provider(authority: Authority, clock: FrozenClock) -> AsyncIterator[Provider]:
    with running_provider(authority.certificate("localhost")) as provider:
        provider.start_over(clock)
        yield provider


@pytest.fixture
async def stranger(authority: Authority, clock: FrozenClock) -> AsyncIterator[Provider]:
    """A provider whose certificate is another host's."""
    with running_provider(authority.certificate("somewhere.example")) as provider:
        provider.start_over(clock)
        yield provider


async def test_a_provider_whose_authority_is_given_logs_in(
    database: Database, clock: FrozenClock, tls_provider: Provider, authority: Authority
):
    environment = environment_of(tls_provider, SSL_CA_FILE=str(authority.file))
    async with (
        running_desk(database, clock, tls_provider, environment) as desk,
        desk.browser() as browser,
    ):
        assert (await log_in(desk, browser)).headers["location"] == desk.dashboard


async def test_a_certificate_of_an_unknown_authority_is_never_accepted(
    database: Database, clock: FrozenClock, tls_provider: Provider
):
    """Lesson 61: GHSA-7943-82jg-wmw5, TLS is verified on every call."""
    environment = environment_of(tls_provider)
    async with (
        running_desk(database, clock, tls_provider, environment) as desk,
        desk.browser() as browser,
    ):
        await failed_page(browser, await browser.get("/omniauth/cognigy"))
    assert desk.refusal()["fault"] == "discovery_tls_untrusted"


@pytest.mark.parametrize(
    ("key", "fault"),
    [
        ("COGNIGY_OAUTH_TOKEN_URL", "token_endpoint_tls_untrusted"),
        ("COGNIGY_OAUTH_JWKS_URL", "jwks_tls_untrusted"),
    ],
)
async def test_tls_is_verified_at_each_endpoint(
    database: Database,
    clock: FrozenClock,
    provider: Provider,
    tls_provider: Provider,
    key: str,
    fault: str,
):
    """Lesson 61: also for the second and the third call."""
    environment = environment_of(provider, **{key: f"{tls_provider.url}/anything"})
    async with (
        running_desk(database, clock, provider, environment) as desk,
        desk.browser() as browser,
    ):
        await refused_login(desk, browser, fault)
    assert tls_provider.calls == []


async def test_a_certificate_of_another_host_is_never_accepted(
    database: Database, clock: FrozenClock, stranger: Provider, authority: Authority
):
    """Lesson 61."""
    environment = environment_of(stranger, SSL_CA_FILE=str(authority.file))
    async with (
        running_desk(database, clock, stranger, environment) as desk,
        desk.browser() as browser,
    ):
        await failed_page(browser, await browser.get("/omniauth/cognigy"))
    assert desk.refusal()["fault"] == "discovery_tls_hostname"


async def test_a_server_that_speaks_no_tls_is_named(
    database: Database, clock: FrozenClock, provider: Provider
):
    environment = environment_of(
        provider, COGNIGY_OAUTH_TOKEN_URL=provider.url.replace("http:", "https:") + "/token"
    )
    async with (
        running_desk(database, clock, provider, environment) as desk,
        desk.browser() as browser,
    ):
        await refused_login(desk, browser, "token_endpoint_tls_failed")
