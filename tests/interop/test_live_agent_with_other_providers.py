"""Live Agent logs people in by providers that are not ours; only its environment says which.

A provider without organisations is one organisation: its issuer (`COGNIGY_OAUTH_ORGANISATION_CLAIM`
is `iss`), and the operator maps an account to it.
"""

import http.client
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from support.postgres import free_port
from support.servers import CLIENT_ID, Desk
from support.visitor import Visitor

ACCOUNT = "Strangers Ltd"
START_SECONDS = 30


# --- oidc-provider-mock ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def mock_provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A process of `oidc-provider-mock`; its address, which is its issuer."""
    port = free_port()
    log_file = tmp_path_factory.mktemp("oidc-provider-mock") / "log"
    command = [Path(sys.executable).with_name("oidc-provider-mock"), "--port", str(port)]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("COVERAGE_")}
    with log_file.open("wb") as log:
        process = subprocess.Popen(
            [*command, "--require-nonce"], stdout=log, stderr=log, env=environment
        )
    try:
        _await_answer(process, port, log_file)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def _await_answer(process: "subprocess.Popen[bytes]", port: int, log_file: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        try:
            connection.request("GET", "/.well-known/openid-configuration")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.05)
        finally:
            connection.close()
    raise RuntimeError(f"oidc-provider-mock did not start:\n{log_file.read_text()[-3000:]}")


@pytest.fixture(scope="module")
def desk_of_mock(
    request: pytest.FixtureRequest, mock_provider: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Desk]:
    databases = request.getfixturevalue("_all_databases")
    desk = Desk(
        databases.fresh("postgresql", "live_agent"),
        tmp_path_factory.mktemp("desk-of-mock"),
        COGNIGY_OAUTH_SITE=mock_provider,
        COGNIGY_OAUTH_CLIENT_ID="any",
        COGNIGY_OAUTH_CLIENT_SECRET=secrets.token_hex(32),
        COGNIGY_OAUTH_SCOPES="openid profile email",
        COGNIGY_OAUTH_ORGANISATION_CLAIM="iss",
        COGNIGY_OAUTH_ROLES_CLAIM="desk.roles",
        COGNIGY_OAUTH_ROLE_MAP="boss=administrator,worker=agent",
    )
    desk.create_account(ACCOUNT, mock_provider)
    with desk.running():
        yield desk


def describe(provider: str, sub: str, **claims: Any) -> None:
    """Tell the mock what it says about a person."""
    httpx.put(f"{provider}/users/{sub}", json=claims).raise_for_status()


async def log_in_by_mock(desk: Desk, visitor: Visitor, sub: str) -> httpx.Response:
    page = await visitor.get(f"{desk.url}/omniauth/cognigy")
    return await visitor.submit(page, sub=sub)


async def test_a_person_of_the_mock_stands_in_the_dashboard(
    desk_of_mock: Desk, mock_provider: str
) -> None:
    describe(
        mock_provider,
        "worker-1",
        email="worker@strangers.example",
        email_verified=True,
        name="Wanda Worker",
        desk={"roles": ["worker", "something else"]},
    )
    async with Visitor() as visitor:
        page = await log_in_by_mock(desk_of_mock, visitor, "worker-1")
    assert page.status_code == 200
    assert page.url.path.endswith("/dashboard")
    assert "Wanda Worker" in page.text
    assert ACCOUNT in page.text


async def test_a_person_of_the_mock_without_a_role_is_error_3(
    desk_of_mock: Desk, mock_provider: str
) -> None:
    describe(mock_provider, "nobody-1", email="nobody@strangers.example", desk={"roles": []})
    async with Visitor() as visitor:
        page = await log_in_by_mock(desk_of_mock, visitor, "nobody-1")
    assert page.status_code == 403
    assert "The Cognigy user is not authorised to access the system" in page.text


async def test_an_answer_of_the_mock_without_state_ends_the_login(desk_of_mock: Desk) -> None:
    """Its "Deny" forgets `state` (RFC 6749 section 4.1.2.1): whose answer it is, nobody knows."""
    async with Visitor() as visitor:
        page = await visitor.get(f"{desk_of_mock.url}/omniauth/cognigy")
        page = await visitor.submit(page, action="deny")
    assert page.url.path.startswith("/login/failed/")
    assert desk_of_mock.events("request.refused")[-1]["problem"] == "login_expired"


# --- canaille -------------------------------------------------------------------------------------

GROUP = "desk-supervisors"
# canaille runs in threads of this process; what it and its libraries warn of is not ours to mend
STRANGERS_WARNINGS = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def canaille(request: pytest.FixtureRequest) -> Any:
    """`pytest_iam.Server`, a real provider with its own login pages."""
    return request.getfixturevalue("iam_server")


@pytest.fixture(scope="module")
def desk_of_canaille(
    request: pytest.FixtureRequest, canaille: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Desk]:
    databases = request.getfixturevalue("_all_databases")
    issuer = canaille.url.rstrip("/")
    client_secret = secrets.token_hex(32)
    desk = Desk(
        databases.fresh("sqlite", "live_agent"),
        tmp_path_factory.mktemp("desk-of-canaille"),
        COGNIGY_OAUTH_SITE=issuer,
        COGNIGY_OAUTH_CLIENT_ID=CLIENT_ID,
        COGNIGY_OAUTH_CLIENT_SECRET=client_secret,
        COGNIGY_OAUTH_CLIENT_AUTH="client_secret_basic",
        COGNIGY_OAUTH_SCOPES="openid profile email groups",
        COGNIGY_OAUTH_ORGANISATION_CLAIM="iss",
        COGNIGY_OAUTH_ROLES_CLAIM="groups",
        COGNIGY_OAUTH_ROLE_MAP=f"{GROUP}=supervisor",
    )
    client = _canaille_client(canaille, desk.redirect_uri, client_secret)
    desk.create_account(ACCOUNT, issuer)
    with desk.running():
        yield desk
    canaille.backend.delete(client)


def _canaille_client(canaille: Any, redirect_uri: str, client_secret: str) -> Any:
    client = canaille.models.Client(
        client_id=CLIENT_ID,
        client_secret=client_secret,
        client_name="Live Agent",
        client_uri="https://live-agent.example",
        redirect_uris=[redirect_uri],
        grant_types=["authorization_code", "refresh_token"],
        response_types=["code"],
        token_endpoint_auth_method="client_secret_basic",
        scope=["openid", "profile", "email", "groups"],
        # of what it can sign with, the one algorithm that every client must know (OIDC Core 15.1);
        # left alone, canaille takes any that fits its key, such as RS512
        id_token_signed_response_alg="RS256",
    )
    canaille.backend.save(client)
    client.audience = [client]
    canaille.backend.save(client)
    return client


@pytest.fixture
def supervisor(canaille: Any) -> Iterator[Any]:
    """A person of canaille who is in the group that gives a role."""
    user = canaille.models.User(
        user_name="sigrid",
        formatted_name="Sigrid Supervisor",
        family_name="Supervisor",
        emails=["sigrid@strangers.example"],
        password="a password of hers",
    )
    canaille.backend.save(user)
    group = canaille.models.Group(display_name=GROUP, members=[user])
    canaille.backend.save(group)
    yield user
    for consent in canaille.backend.query(canaille.models.Consent, subject=user):
        canaille.backend.delete(consent)
    canaille.backend.delete(group)
    canaille.backend.delete(user)


async def asked_for_consent(desk: Desk, visitor: Visitor) -> httpx.Response:
    """The last page of canaille's login, or where it led if she has agreed before."""
    page = await visitor.get(f"{desk.url}/omniauth/cognigy")
    page = await visitor.submit(page, login="sigrid")
    return await visitor.submit(page, password="a password of hers")


@STRANGERS_WARNINGS
async def test_a_person_of_canaille_stands_in_the_dashboard(
    desk_of_canaille: Desk, supervisor: Any
) -> None:
    async with Visitor() as visitor:
        page = await asked_for_consent(desk_of_canaille, visitor)
        page = await visitor.submit(page, answer="accept")
    assert page.status_code == 200, page.text
    assert page.url.path.endswith("/dashboard")
    assert "Sigrid Supervisor" in page.text


@STRANGERS_WARNINGS
async def test_a_person_of_canaille_comes_back_as_the_same_user(
    desk_of_canaille: Desk, supervisor: Any
) -> None:
    async with Visitor() as visitor:
        page = await asked_for_consent(desk_of_canaille, visitor)
        await visitor.submit(page, answer="accept")
    async with Visitor() as visitor:
        page = await asked_for_consent(desk_of_canaille, visitor)
    assert page.url.path.endswith("/dashboard"), page.text
    account = desk_of_canaille.run_json("accounts", "list")[0]["id"]
    (user,) = desk_of_canaille.users(account)  # the same one, however often
    assert user["roles"] == ["supervisor"]


@STRANGERS_WARNINGS
async def test_a_person_who_says_no_at_canaille_is_told_so(
    desk_of_canaille: Desk, supervisor: Any
) -> None:
    async with Visitor() as visitor:
        page = await asked_for_consent(desk_of_canaille, visitor)
        page = await visitor.submit(page, answer="deny")
    assert page.url.path.startswith("/login/failed/")
    assert desk_of_canaille.events("request.refused")[-1]["problem"] == "login_cancelled"
