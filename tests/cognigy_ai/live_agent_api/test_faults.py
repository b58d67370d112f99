"""Each way in which Live Agent can fail has a name, with the keys and the side that is wrong."""

import json
import socket
import ssl
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest
import trustme

from cognigy_ai.live_agent_api.client import LiveAgentApi
from cognigy_ai.live_agent_api.rules import AccountView
from cognigy_ai.problems import LiveAgentFault, Problem
from kernel.outgoing import Outgoing
from kernel.problems import ProblemError
from support.peer import Talk, peer_that_says, raw, reply, silence
from support.platform import ACME, settings_of
from support.postgres import free_port
from support.small_live_agent import TOKEN, SmallLiveAgent, small_live_agent

URL = "COGNIGY_LIVE_AGENT_API_BASE_URL_WITH_PROTOCOL"
HERE, THERE = "COGNIGY_LIVE_AGENT_PLATFORM_TOKEN", "COGNIGY_PLATFORM_APP_TOKEN"
REFERENCE = "ABCDEFGHIJKL"
ACCOUNT = {"id": 7, "name": "Acme", "organisation_id": ACME, "status": "active"}


def settings_for(url: str, **changes: str) -> dict[str, str]:
    return {URL: url, HERE: TOKEN} | changes


async def ask(environment: Mapping[str, str], timeout_seconds: float = 5) -> AccountView:
    api = LiveAgentApi(settings_of(environment), Outgoing(timeout_seconds=timeout_seconds))
    try:
        return await api.create_account("Acme", ACME, REFERENCE)
    finally:
        await api.close()


async def ask_with_own_calls(environment: Mapping[str, str]) -> AccountView:
    """As the server calls: with the authorities of its settings."""
    api = LiveAgentApi(settings_of(environment))
    try:
        return await api.create_account("Acme", ACME, REFERENCE)
    finally:
        await api.close()


async def fault_at(environment: Mapping[str, str], timeout_seconds: float = 5) -> ProblemError:
    with pytest.raises(ProblemError) as refused:
        await ask(environment, timeout_seconds)
    return refused.value


async def fault_when(talk: Talk, timeout_seconds: float = 5) -> ProblemError:
    async with peer_that_says(talk) as peer:
        return await fault_at(settings_for(peer.url("")), timeout_seconds)


def said(status: str, /, **members: object) -> Talk:
    return reply(json.dumps(members).encode(), status)


def keys_of(error: ProblemError) -> tuple[str, ...]:
    assert error.fault is not None
    return error.fault.spec.keys


@pytest.fixture
async def desk() -> AsyncIterator[SmallLiveAgent]:
    async with small_live_agent() as running:
        yield running


async def test_the_call_carries_token_and_reference(desk: SmallLiveAgent) -> None:
    account = await ask(settings_for(desk.url))
    assert account == AccountView(7, "Acme", ACME, suspended=False, oauth_login=True)
    request = desk.requests[0]
    assert (request.method, request.path) == ("POST", "/platform/api/v1/accounts")
    assert request.body == {"name": "Acme", "organisation_id": ACME}
    assert request.headers["api_access_token"] == TOKEN
    assert request.headers["api-access-token"] == TOKEN  # nginx drops the other one
    assert request.headers["x-reference"] == REFERENCE


async def test_without_an_address_of_its_own_the_api_is_where_people_go(
    desk: SmallLiveAgent,
) -> None:
    people = {"COGNIGY_LIVE_AGENT_UI_BASE_URL_WITH_PROTOCOL": desk.url}
    assert (await ask(settings_for("", **people))).id == 7


async def test_nothing_is_called_without_address_or_token(desk: SmallLiveAgent) -> None:
    error = await fault_at(settings_for(""))
    assert (error.fault, error.problem) == (
        LiveAgentFault.ADDRESS_UNSET,
        Problem.LIVE_AGENT_CONFIGURATION,
    )
    assert URL in keys_of(error)
    error = await fault_at(settings_for(desk.url, **{HERE: ""}))
    assert (error.fault, keys_of(error)) == (LiveAgentFault.TOKEN_UNSET, (HERE,))
    assert desk.requests == []


ANSWERS: dict[str, tuple[Talk, LiveAgentFault, bool]] = {
    "redirects": (
        reply(b"", "302 Found", "Location: https://desk.example/app\r\n"),
        LiveAgentFault.REDIRECTED,
        False,
    ),
    "shows a page": (
        reply(b"<html>", "200 OK", "Content-Type: text/html\r\n"),
        LiveAgentFault.NOT_LIVE_AGENT,
        False,
    ),
    "is a proxy that finds nothing": (
        reply(b"not found", "404 Not Found", "Content-Type: text/plain\r\n"),
        LiveAgentFault.NOT_LIVE_AGENT,
        False,
    ),
    "is a proxy that asks for a password": (
        reply(b"", "401 Unauthorized", "WWW-Authenticate: Basic\r\n"),
        LiveAgentFault.NOT_LIVE_AGENT,
        False,
    ),
    "is another program": (said("200 OK", hello=1), LiveAgentFault.NOT_LIVE_AGENT, False),
    "is another program with numbers": (
        said("200 OK", id=True, name="x", organisation_id=None, status="active"),
        LiveAgentFault.NOT_LIVE_AGENT,
        False,
    ),
    "names an impossible number": (
        said("200 OK", **ACCOUNT | {"id": 2**31}),
        LiveAgentFault.NOT_LIVE_AGENT,
        False,
    ),
    "names no state": (
        said("200 OK", **ACCOUNT | {"status": "asleep"}),
        LiveAgentFault.NOT_LIVE_AGENT,
        False,
    ),
    "gives another organisation's account": (
        said("200 OK", **ACCOUNT | {"organisation_id": "b" * 24}),
        LiveAgentFault.NOT_LIVE_AGENT,
        False,
    ),
    "has no body": (raw(b"HTTP/1.1 204 No\r\n\r\n"), LiveAgentFault.NOT_LIVE_AGENT, False),
    "is too old": (said("404 Not", error="page_not_found"), LiveAgentFault.TOO_OLD, False),
    "says the token is wrong": (
        said("401 No", code="platform_token_wrong"),
        LiveAgentFault.TOKEN_WRONG,
        False,
    ),
    "got no token": (
        said("401 No", code="platform_token_missing"),
        LiveAgentFault.TOKEN_LOST,
        False,
    ),
    "has no token": (
        said("503 Off", code="platform_api_off"),
        LiveAgentFault.TOKEN_UNSET_THERE,
        False,
    ),
    "throttles": (said("429 Slow", code="too_many_requests"), LiveAgentFault.THROTTLED, False),
    "refuses the name": (said("400 Bad", code="request_invalid"), LiveAgentFault.REFUSED, False),
    "is busy": (said("503 Busy", code="server_busy"), LiveAgentFault.FAILED, True),
    "fails": (said("500 Oh", code="internal_error"), LiveAgentFault.FAILED, True),
    "stands behind a proxy that fails": (
        reply(b"<html>", "502 Bad Gateway", "Content-Type: text/html\r\n"),
        LiveAgentFault.FAILED,
        True,
    ),
    "breaks off": (
        raw(b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{", hang_up=True),
        LiveAgentFault.BROKEN_OFF,
        True,
    ),
}


@pytest.mark.parametrize("what", ANSWERS)
async def test_a_live_agent_that(what: str) -> None:
    talk, fault, passing = ANSWERS[what]
    error = await fault_when(talk)
    assert error.fault is fault
    problem = Problem.LIVE_AGENT_UNAVAILABLE if passing else Problem.LIVE_AGENT_CONFIGURATION
    assert error.problem is problem


async def test_a_wrong_token_names_the_keys_of_both_sides() -> None:
    error = await fault_when(said("401 No", code="platform_token_wrong"))
    assert keys_of(error) == (HERE, THERE)
    error = await fault_when(said("503 Off", code="platform_api_off"))
    assert keys_of(error) == (THERE,)


async def test_a_live_agent_that_says_nothing_is_waited_for_so_long() -> None:
    error = await fault_when(silence, timeout_seconds=0.2)
    assert error.fault is LiveAgentFault.TIMED_OUT
    assert error.problem is Problem.LIVE_AGENT_UNAVAILABLE


async def test_nobody_listens() -> None:
    error = await fault_at(settings_for(f"http://127.0.0.1:{free_port()}"))
    assert error.fault is LiveAgentFault.UNREACHABLE
    assert error.problem is Problem.LIVE_AGENT_UNAVAILABLE


async def test_a_name_that_does_not_resolve(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_args: object, **_named: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    error = await fault_at(settings_for("https://desk.invalid"))
    assert error.fault is LiveAgentFault.HOST_UNKNOWN
    assert error.problem is Problem.LIVE_AGENT_CONFIGURATION


@pytest.mark.parametrize(
    ("name", "trusted", "fault"),
    [
        ("127.0.0.1", False, LiveAgentFault.TLS_UNTRUSTED),
        ("other.example", True, LiveAgentFault.TLS_HOSTNAME),
        ("127.0.0.1", True, None),
    ],
)
async def test_the_certificate_is_verified_with_the_operators_authority(
    tmp_path: Path,
    name: str,
    trusted: bool,  # noqa: FBT001 - a parameter
    fault: LiveAgentFault | None,
) -> None:
    authority, file = trustme.CA(), tmp_path / "ca.pem"
    (authority if trusted else trustme.CA()).cert_pem.write_to_path(str(file))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    async with peer_that_says(said("200 OK", **ACCOUNT), context) as peer:
        environment = settings_for(peer.url(""), SSL_CA_FILE=str(file))
        if fault is None:
            assert (await ask_with_own_calls(environment)).id == 7
            return
        with pytest.raises(ProblemError) as refused:
            await ask_with_own_calls(environment)
        assert refused.value.fault is fault


async def test_no_refusal_holds_the_token() -> None:
    for talk, _, _ in ANSWERS.values():
        error = await fault_when(talk)
        assert TOKEN not in repr((error, error.args, error.context))
