"""Somebody else's relying party (PyPI authlib) against a running Cognigy.AI.

It brings its own PKCE, state and nonce, reads our discovery document and our keys, and checks our
ID token by its own rules.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.integrations.starlette_client import OAuth
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from support.servers import Platform
from support.visitor import Visitor

RELYING_PARTY = "http://127.0.0.1:9"  # nobody listens there: the visitor reaches it in this process
ORGANISATION = {"id": "5f1e0a2b3c4d5e6f7a8b9c0d", "name": "Strangers Ltd"}
EMAIL = "stranger@example.com"
SCOPE = "openid profile email organisation roles"
# each way of doing it at least once: database, client authentication, algorithm of the ID token
WAYS = (
    ("postgresql", "client_secret_basic", "ES256"),
    ("sqlite", "client_secret_post", "RS256"),
)


@dataclass
class Party:
    """An application with authlib in it, and what it was told last."""

    platform: Platform
    auth_method: str
    client_id: str
    client_secret: str
    password: str
    token: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] = field(default_factory=dict)

    @property
    def metadata_url(self) -> str:
        return f"{self.platform.url}/.well-known/openid-configuration"

    def application(self) -> Starlette:
        oauth = OAuth()
        oauth.register(
            "cognigy",
            client_id=self.client_id,
            client_secret=self.client_secret,
            server_metadata_url=self.metadata_url,
            client_kwargs={
                "scope": SCOPE,
                "code_challenge_method": "S256",
                "token_endpoint_auth_method": self.auth_method,
            },
        )

        async def login(request: Request) -> Response:
            extra = dict(request.query_params)
            answer: Response = await oauth.cognigy.authorize_redirect(
                request, f"{RELYING_PARTY}/callback", **extra
            )
            return answer

        async def callback(request: Request) -> Response:
            self.token = await oauth.cognigy.authorize_access_token(request)
            self.userinfo = await oauth.cognigy.userinfo(token=self.token)
            return JSONResponse({"signed_in": self.userinfo["email"]})

        async def logout(request: Request) -> Response:
            answer: Response = await oauth.cognigy.logout_redirect(
                request, f"{RELYING_PARTY}/bye", id_token_hint=self.token["id_token"]
            )
            return answer

        async def bye(request: Request) -> Response:
            await oauth.cognigy.validate_logout_response(request)
            return JSONResponse({"signed_out": True})

        routes = [Route(f"/{step.__name__}", step) for step in (login, callback, logout, bye)]
        session = Middleware(SessionMiddleware, secret_key=secrets.token_hex())
        return Starlette(routes=routes, middleware=[session])

    def visitor(self) -> Visitor:
        return Visitor(applications={RELYING_PARTY: self.application()})

    async def sign_in(self, visitor: Visitor) -> dict[str, Any]:
        """By way of the login page; what the application answers in the end."""
        page = await visitor.get(f"{RELYING_PARTY}/login")
        page = await visitor.submit(page, email=EMAIL, password=self.password)
        assert page.status_code == 200, page.text
        answer: dict[str, Any] = page.json()
        return answer

    def client(self) -> AsyncOAuth2Client:
        """Authlib's client for what happens without a browser."""
        return AsyncOAuth2Client(
            self.client_id,
            self.client_secret,
            token_endpoint=f"{self.platform.url}/auth/oauth2/token",
            token_endpoint_auth_method=self.auth_method,
            revocation_endpoint_auth_method=self.auth_method,
            token=self.token or None,
        )


@pytest.fixture(scope="module", params=WAYS, ids="-".join)
def party(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Party]:
    engine, auth_method, alg = request.param
    databases = request.getfixturevalue("_all_databases")
    folder = tmp_path_factory.mktemp("authlib")
    platform = Platform(databases.fresh(engine, "cognigy_ai"), folder)
    party = Party(
        platform, auth_method, "a-stranger", secrets.token_hex(32), secrets.token_urlsafe(18)
    )
    platform.apply(
        organisations=[ORGANISATION],
        users=[
            {
                "email": EMAIL,
                "organisation": ORGANISATION["id"],
                "name": "Sasha Stranger",
                "roles": ["liveAgentAgent", "base_role"],
                "email_verified": True,
                "password": party.password,
            }
        ],
        clients=[
            {
                "client_id": party.client_id,
                "name": "A stranger's application",
                "secret": party.client_secret,
                "auth_method": party.auth_method,
                "redirect_uris": [f"{RELYING_PARTY}/callback"],
                "post_logout_redirect_uris": [f"{RELYING_PARTY}/bye"],
                "scopes": SCOPE.split(),
                "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
                "id_token_alg": alg,
                "consent": "implicit",
            }
        ],
    )
    with platform.running():
        yield party


async def test_a_person_logs_in_and_authlib_believes_the_id_token(party: Party) -> None:
    async with party.visitor() as visitor:
        assert await party.sign_in(visitor) == {"signed_in": EMAIL}
    claims = party.token["userinfo"]  # of the ID token, which authlib has verified
    assert claims["iss"] == party.platform.url
    assert claims["organisation"] == ORGANISATION["id"]
    assert sorted(claims["roles"]) == ["base_role", "liveAgentAgent"]
    assert claims["email_verified"] is True
    assert claims["nonce"]
    assert party.userinfo["sub"] == claims["sub"]
    assert party.userinfo["name"] == "Sasha Stranger"


async def test_a_second_login_asks_for_no_password(party: Party) -> None:
    async with party.visitor() as visitor:
        await party.sign_in(visitor)
        first = party.token
        page = await visitor.get(f"{RELYING_PARTY}/login")
    assert page.json() == {"signed_in": EMAIL}
    assert party.token["access_token"] != first["access_token"]
    assert party.token["userinfo"]["sid"] == first["userinfo"]["sid"]


async def test_prompt_none_without_a_session_comes_back_as_login_required(party: Party) -> None:
    async with party.visitor() as visitor:
        page = await visitor.get(f"{RELYING_PARTY}/login?prompt=none", follow=False)
        page = await visitor.get(page.headers["location"], follow=False)
    assert page.headers["location"].startswith(f"{RELYING_PARTY}/callback?")
    assert "error=login_required" in page.headers["location"]


async def test_authlib_refreshes_its_tokens(party: Party) -> None:
    async with party.visitor() as visitor:
        await party.sign_in(visitor)
    before = dict(party.token)
    async with party.client() as client:
        after = await client.refresh_token()
        answer = await client.get(f"{party.platform.url}/auth/oauth2/userinfo")
    assert after["access_token"] != before["access_token"]
    assert after["refresh_token"] != before["refresh_token"]
    assert answer.json()["sub"] == party.userinfo["sub"]


async def test_authlib_introspects_and_revokes(party: Party) -> None:
    async with party.visitor() as visitor:
        await party.sign_in(visitor)
    endpoint = f"{party.platform.url}/auth/oauth2"
    token = party.token["access_token"]
    async with party.client() as client:
        found = (await client.introspect_token(f"{endpoint}/introspect", token)).json()
        assert found["active"] is True
        assert found["sub"] == party.userinfo["sub"]
        assert (await client.revoke_token(f"{endpoint}/revoke", token)).status_code == 200
        found = (await client.introspect_token(f"{endpoint}/introspect", token)).json()
        assert found == {"active": False}


async def test_authlib_gets_a_token_of_its_own(party: Party) -> None:
    async with party.client() as client:
        token = await client.fetch_token(
            grant_type="client_credentials", scope=f"organisationId={ORGANISATION['id']}"
        )
    assert token["token_type"] == "Bearer"
    assert "refresh_token" not in token


async def test_authlib_logs_the_person_out(party: Party) -> None:
    async with party.visitor() as visitor:
        await party.sign_in(visitor)
        page = await visitor.get(f"{RELYING_PARTY}/logout")
        assert page.json() == {"signed_out": True}
        page = await visitor.get(f"{RELYING_PARTY}/login")
        assert 'name="password"' in page.text  # the session is gone
