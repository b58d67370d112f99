"""Somebody's OpenID Connect provider on a real loopback socket, that a test can break on purpose.

with running_provider() as provider:
    provider.start_over(clock)
    callback = provider.log_in(location)      # what its login page would answer the browser
    provider.claims["aud"] = "somebody else"  # from now on; ABSENT leaves a member out
    provider.answers["/token"] = lambda: HTMLResponse("<h1>Welcome</h1>")
"""

import asyncio
import base64
import contextlib
import hashlib
import json
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.utils import formatdate
from enum import Enum
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote_plus, urlencode, urlsplit

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from kernel import jose
from kernel.jose import SigningKey
from kernel.opaque import new_secret
from support.clock import FrozenClock

ABSENT: Any = Enum("Absent", "MEMBER").MEMBER  # named alike in every process
CLIENT_ID = "live-agent"
CLIENT_SECRET = "a-client-secret-of-the-tests"
SUBJECT = "65f0aaaaaaaaaaaaaaaaaaaa"
ORGANISATION = "65f0bbbbbbbbbbbbbbbbbbbb"

KEYS = {alg: jose.new_key(alg) for alg in jose.ALGORITHMS}


@dataclass
class Login:
    """What was asked for at the authorization endpoint, kept until its code comes."""

    asked: dict[str, str]


@dataclass
class Call:
    """One request that the provider got."""

    path: str
    headers: dict[str, str]
    form: dict[str, str]


@dataclass
class Provider:
    """`clock_offset` is how many seconds its clock is ahead; `delay` how long each answer takes."""

    url: str
    clock: FrozenClock = field(default_factory=FrozenClock)
    person: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)  # changes to the ID token
    tokens: dict[str, Any] = field(default_factory=dict)  # changes to the token response
    metadata: dict[str, Any] = field(default_factory=dict)  # changes to the discovery document
    answers: dict[str, Callable[[], Response]] = field(default_factory=dict)  # instead of its own
    key: SigningKey = field(default_factory=lambda: KEYS["ES256"])
    published: list[SigningKey] = field(default_factory=list)
    forge: Callable[[dict[str, Any]], str] | None = None  # makes the ID token instead
    clock_offset: int = 0
    delay: float = 0
    calls: list[Call] = field(default_factory=list)
    codes: dict[str, Login] = field(default_factory=dict)
    access_tokens: set[str] = field(default_factory=set)
    proposals: dict[str, dict[str, Any]] = field(default_factory=dict)  # as they came, by their id
    people: list[dict[str, Any]] = field(default_factory=list)  # of the organisation
    grants: dict[str, Login] = field(default_factory=dict)  # by their refresh token, which rotates

    def start_over(self, clock: FrozenClock) -> None:
        """An honest provider at which one person logs in."""
        fresh = Provider(self.url, clock)
        self.__dict__.update(fresh.__dict__)
        self.published = list(KEYS.values())
        self.person = {
            "sub": SUBJECT,
            "email": "ada@acme.example",
            "email_verified": True,
            "name": "Ada Lovelace",
            "locale": "en",
            "organisation": ORGANISATION,
            "roles": ["liveAgentAgent"],
            "sid": "sid-1",
            "access_revision": 1,
        }

    @property
    def now(self) -> int:
        return self.clock.now() + self.clock_offset

    def called(self, path: str) -> list[Call]:
        """The requests to that path."""
        return [call for call in self.calls if call.path == path]

    # --- the login page -------------------------------------------------------------------------

    def log_in(self, location: str, **changes: str) -> str:
        """The person logs in: the address that the browser is sent back to.

        `changes` are parameters of that answer; an empty one is left out.
        """
        asked = dict(parse_qsl(urlsplit(location).query, strict_parsing=True))
        code = new_secret("code_")
        self.codes[code] = Login(asked)
        answer = {"code": code, "state": asked["state"], "iss": self.url} | changes
        query = urlencode({name: value for name, value in answer.items() if value})
        return f"{asked['redirect_uri']}?{query}"

    def refuse(self, location: str, error: str, **changes: str) -> str:
        """The same with an error instead of a code."""
        return self.log_in(location, code="", error=error, **changes)

    # --- endpoints ------------------------------------------------------------------------------

    async def authorize(self, request: Request) -> Response:
        """For a real browser: logs the person in without a question."""
        return RedirectResponse(self.log_in(str(request.url)), 303)

    async def discovery(self, _request: Request) -> Response:
        document = {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize?marker=1",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/jwks",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "end_session_endpoint": f"{self.url}/logout",
            "authorization_response_iss_parameter_supported": True,
        }
        return JSONResponse(without_absent(document | self.metadata))

    async def jwks(self, _request: Request) -> Response:
        return JSONResponse(jose.public_jwks(self.published))

    async def token(self, request: Request) -> Response:
        form = self.calls[-1].form
        if client_of(request, form) != (CLIENT_ID, CLIENT_SECRET):
            return JSONResponse({"error": "invalid_client"}, 401)
        if form.get("grant_type") == "refresh_token":
            return self.refreshed(self.grants.pop(form["refresh_token"], None))
        if form.get("grant_type") == "client_credentials":
            return self.own_token(form.get("scope", ""))
        login = self.codes.pop(form.get("code", ""), None)
        if login is None or challenge_of(form["code_verifier"]) != login.asked["code_challenge"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        if form["redirect_uri"] != login.asked["redirect_uri"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        return self.issue(login)

    def own_token(self, scope: str) -> Response:
        """A token of the client, for the one organisation that there is."""
        if scope != f"organisationId={ORGANISATION}":
            return JSONResponse({"error": "invalid_scope"}, 400)
        self.access_tokens.add(token := new_secret("at_"))
        return JSONResponse({"access_token": token, "token_type": "Bearer", "expires_in": 900})

    async def propose(self, request: Request) -> Response:
        """Takes a proposal once, however often it is sent."""
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token not in self.access_tokens:
            return JSONResponse({"error": "invalid_token"}, 401)
        if request.method == "GET":
            kept = self.proposals.get(request.url.path.rpartition("/")[2])
            return JSONResponse({"state": kept["state"]}) if kept else JSONResponse({}, 404)
        sent = json.loads(await request.body())
        self.proposals.setdefault(sent["id"], sent | {"state": "checked"})
        return JSONResponse({"id": sent["id"], "state": "checked"}, 201)

    async def list_people(self, request: Request) -> Response:
        """Two a page, so that every test of more walks."""
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token not in self.access_tokens:
            return JSONResponse({"error": "invalid_token"}, 401)
        first = int(request.query_params.get("next", "0"))
        more = first + 2 < len(self.people)
        page = self.people[first : first + 2]
        return JSONResponse({"items": page, "nextCursor": str(first + 2) if more else None})

    def refreshed(self, login: Login | None) -> Response:
        """A grant that was ended, or a token that was spent, is refused."""
        if login is None:
            return JSONResponse({"error": "invalid_grant"}, 400)
        return self.issue(Login({k: v for k, v in login.asked.items() if k != "nonce"}))

    def issue(self, login: Login) -> Response:
        access_token, refresh_token = new_secret("at_"), new_secret("rt_")
        self.access_tokens.add(access_token)
        self.grants[refresh_token] = login
        body = {
            "access_token": access_token,
            "token_type": "Bearer",
            "expires_in": 900,
            "refresh_token": refresh_token,
        }
        if "openid" in login.asked["scope"].split():
            body["id_token"] = self.id_token(login, access_token)
        return JSONResponse(without_absent(body | self.tokens))

    def id_token(self, login: Login, access_token: str) -> str:
        claims = self.person | {
            "iss": self.url,
            "aud": login.asked["client_id"],
            "exp": self.now + 300,
            "iat": self.now,
            "nonce": login.asked.get("nonce", ABSENT),
            "at_hash": at_hash(self.key.alg, access_token),
        }
        said = without_absent(claims | self.claims)
        return self.forge(said) if self.forge else jose.sign(self.key, said)

    async def userinfo(self, request: Request) -> Response:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token not in self.access_tokens:
            return JSONResponse({"error": "invalid_token"}, 401)
        return JSONResponse(without_absent(self.person))

    async def answer(self, request: Request) -> Response:
        """Every request comes here first."""
        path = request.url.path
        form = dict(parse_qsl((await request.body()).decode()))
        self.calls.append(Call(path, dict(request.headers), form))
        if self.delay:
            await asyncio.sleep(self.delay)
        own = {
            "/authorize": self.authorize,
            "/.well-known/openid-configuration": self.discovery,
            "/jwks": self.jwks,
            "/token": self.token,
            "/userinfo": self.userinfo,
            "/v2.0/live-agent/people": self.list_people,
            "/v2.0/live-agent/proposals": self.propose,
        }
        instead = self.answers.get(path)
        if path.startswith("/v2.0/live-agent/proposals/"):
            own[path] = self.propose
        answer = own.get(path, nothing_there)
        response = instead() if instead else await answer(request)
        response.headers.setdefault("date", formatdate(self.now, usegmt=True))
        return response


async def nothing_there(_request: Request) -> Response:
    return Response("Not found", 404)


def without_absent(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not ABSENT}


def challenge_of(verifier: str) -> str:
    return unpadded(hashlib.sha256(verifier.encode()).digest())


def at_hash(alg: str, access_token: str) -> str:
    hashed = (hashlib.sha512 if alg == "EdDSA" else hashlib.sha256)(access_token.encode()).digest()
    return unpadded(hashed[: len(hashed) // 2])


def unpadded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def client_of(request: Request, form: dict[str, str]) -> tuple[str, str]:
    """The client's id and secret, by either method (RFC 6749 section 2.3.1)."""
    basic = request.headers.get("authorization", "")
    if basic.startswith("Basic "):
        name, _, secret = base64.b64decode(basic[6:]).decode().partition(":")
        return unquote_plus(name), unquote_plus(secret)
    return form.get("client_id", ""), form.get("client_secret", "")


def compact(header: dict[str, Any], payload: bytes, signature: bytes = b"") -> str:
    """A token by hand, for what no honest library makes."""
    parts = (json.dumps(header).encode(), payload, signature)
    return ".".join(unpadded(part) for part in parts)


@contextlib.contextmanager
def running_provider(certificate: Path | None = None) -> Iterator[Provider]:
    """A provider in a thread of its own; with a PEM file (key and chain) it speaks TLS."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    scheme = "http" if certificate is None else "https"
    provider = Provider(f"{scheme}://localhost:{listener.getsockname()[1]}")
    app = Starlette(routes=[Route("/{path:path}", provider.answer, methods=["GET", "POST"])])
    config = uvicorn.Config(
        app,
        loop="asyncio",
        lifespan="off",
        ws="none",
        log_config=None,
        access_log=False,
        date_header=False,  # it has a clock of its own
        timeout_graceful_shutdown=1,
        ssl_certfile=certificate,
        ssl_keyfile=certificate,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()
