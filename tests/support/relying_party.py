"""A client of the platform as it speaks: the requests that pass, and changes to them."""

import base64
import re
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from cognigy_ai.oauth.rules.pkce import s256_challenge
from kernel.jose import public_keys, verify

ISSUER = "https://ai.example.com"
PASSWORD = "correct-horse-battery"
VERIFIER = "v" * 43
AUTHORIZE = "/auth/oauth2/authorize"
TOKEN = "/auth/oauth2/token"
USERINFO = "/auth/oauth2/userinfo"

Changes = str | None  # None leaves a parameter out


@dataclass
class RelyingParty:
    """One registered client and one browser."""

    http: httpx.AsyncClient
    client_id: str
    client_secret: str | None
    redirect_uri: str
    scope: str = "openid profile email organisation roles"
    code: str = field(default="", repr=False)

    def request(self, **changes: Changes) -> dict[str, str]:
        """An authorization request that passes, with the changes."""
        return changed(
            {
                "response_type": "code",
                "client_id": self.client_id,
                "redirect_uri": self.redirect_uri,
                "scope": self.scope,
                "state": "the-state",
                "nonce": "the-nonce",
                "code_challenge": s256_challenge(VERIFIER),
                "code_challenge_method": "S256",
            },
            changes,
        )

    async def authorize(self, **changes: Changes) -> httpx.Response:
        """GET the authorization endpoint; a code that comes back is kept in `code`."""
        answer = await self.http.get(AUTHORIZE, params=self.request(**changes))
        self.keep_code(answer)
        return answer

    async def log_in(
        self, email: str = "ada@acme.example", password: str = PASSWORD, **changes: Changes
    ) -> httpx.Response:
        """Open the authorization endpoint, fill the form in and send it."""
        shown = await self.authorize(**changes)
        assert shown.status_code == 200, shown.headers.get("location")
        return await self.submit(shown, email=email, password=password)

    async def submit(self, shown: httpx.Response, **fields: Changes) -> httpx.Response:
        """Send the (first) form of a page."""
        action, hidden = form_of(shown)
        answer = await self.http.post(action, data=changed(hidden, fields))
        self.keep_code(answer)
        return answer

    def keep_code(self, answer: httpx.Response) -> None:
        self.code = answer_of(answer).get("code", self.code)

    def redemption(self, **changes: Changes) -> dict[str, str]:
        """A token request that passes, for a client that authenticates in the header."""
        return changed(
            {
                "grant_type": "authorization_code",
                "code": self.code,
                "redirect_uri": self.redirect_uri,
                "code_verifier": VERIFIER,
            },
            changes,
        )

    async def redeem(self, **changes: Changes) -> httpx.Response:
        """POST the token endpoint with the code."""
        return await self.post(TOKEN, self.redemption(**changes))

    async def refresh(self, refresh_token: str, **changes: Changes) -> httpx.Response:
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        return await self.post(TOKEN, changed(form, changes))

    async def tokens(self, **changes: Changes) -> dict[str, Any]:
        """Silent authorize and redeem, in a browser that is signed in."""
        await self.authorize(**changes)
        answer = await self.redeem()
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def post(self, path: str, form: dict[str, str], **headers: str) -> httpx.Response:
        """A server-to-server call; a client without a secret names itself in the body."""
        if self.client_secret is None:
            return await self.http.post(path, data={"client_id": self.client_id} | form)
        authorization = basic(self.client_id, self.client_secret)
        return await self.http.post(
            path, data=form, headers={"authorization": authorization} | headers
        )

    async def userinfo(self, access_token: str) -> httpx.Response:
        headers = {"authorization": f"Bearer {access_token}"}
        return await self.http.get(USERINFO, headers=headers)

    async def introspect(self, token: str, **changes: Changes) -> dict[str, Any]:
        answer = await self.post("/auth/oauth2/introspect", changed({"token": token}, changes))
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def revoke(self, token: str, **changes: Changes) -> httpx.Response:
        return await self.post("/auth/oauth2/revoke", changed({"token": token}, changes))

    async def claims(self, id_token: str) -> dict[str, Any]:
        """The claims of an ID token whose signature fits the published keys."""
        keys = (await self.http.get("/.well-known/jwks.json")).json()
        return verify(id_token, public_keys(keys))


def changed(values: dict[str, str], changes: dict[str, Changes]) -> dict[str, str]:
    return {name: value for name, value in (values | changes).items() if value is not None}


def basic(client_id: str, client_secret: str) -> str:
    return "Basic " + base64.b64encode(f"{client_id}:{client_secret}".encode()).decode()


def answer_of(answer: httpx.Response) -> dict[str, str]:
    """The parameters of a redirect."""
    return dict(parse_qsl(urlsplit(answer.headers.get("location", "")).query))


def form_of(shown: httpx.Response) -> tuple[str, dict[str, str]]:
    """Address and hidden fields of the first form of a page."""
    form = re.search(r'<form method="post" action="([^"]*)"[^>]*>(.*?)</form>', shown.text, re.S)
    assert form is not None, shown.text
    hidden = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', form[2])
    return unescape(form[1]), {name: unescape(value) for name, value in hidden}
