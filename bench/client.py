"""An OpenID Connect client and a browser: the flows that operations are made of."""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from bench.http import Answer, Connection, Cookies, Failed
from bench.target import CLIENT_ID, REDIRECT_URI, SCOPE, Person, Target
from bench.tokens import claims_of
from support.visitor import forms_of

MOST_HOPS = 8
REDIRECTS = (302, 303)


@dataclass(frozen=True, slots=True)
class Request:
    """An authorization request under way."""

    code_verifier: str
    state: str
    nonce: str


@dataclass(frozen=True, slots=True)
class Tokens:
    access_token: str
    refresh_token: str
    id_token: str
    sub: str


def new_request() -> Request:
    return Request(secrets.token_urlsafe(43), secrets.token_urlsafe(16), secrets.token_urlsafe(16))


class Client:
    """Of the platform, over one connection. Raises Failed for every answer that is not right."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.platform = Connection(target.pair.platform.url)
        basic = base64.b64encode(f"{CLIENT_ID}:{target.client_secret}".encode()).decode()
        self.authorization = {"Authorization": f"Basic {basic}"}

    def close(self) -> None:
        self.platform.close()

    # --- the browser's part

    def authorize_target(self, request: Request) -> str:
        challenge = hashlib.sha256(request.code_verifier.encode()).digest()
        query = {
            "response_type": "code",
            "client_id": CLIENT_ID,
            "redirect_uri": REDIRECT_URI,
            "scope": SCOPE,
            "state": request.state,
            "nonce": request.nonce,
            "code_challenge": base64.urlsafe_b64encode(challenge).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        return f"/auth/oauth2/authorize?{urlencode(query)}"

    async def authorize(self, cookies: Cookies, request: Request) -> str:
        """A code, with a session and without any page."""
        answer = await self.platform.get(self.authorize_target(request), cookies.header())
        return self._code(answer, request)

    async def sign_in(self, cookies: Cookies, person: Person, request: Request) -> str:
        """A code, by way of the login page."""
        at = self.authorize_target(request)
        answer = await self.platform.get(at, cookies.header())
        for _ in range(MOST_HOPS):
            cookies.take(answer.set_cookies)
            if answer.location.startswith(REDIRECT_URI):
                return self._code(answer, request)
            if answer.status in REDIRECTS:
                at = _path(urljoin(self.platform.origin + at, answer.location))
                answer = await self.platform.get(at, cookies.header())
            else:
                at, answer = await self._fill_in(at, answer, cookies, person)
        raise Failed("the login does not end")

    async def _fill_in(
        self, at: str, page: Answer, cookies: Cookies, person: Person
    ) -> tuple[str, Answer]:
        if page.status != 200:
            raise Failed(f"the login page is a {page.status}")
        forms = [form for form in forms_of(page.body.decode()) if "password" in form.names]
        if not forms or b'role="alert"' in page.body:
            raise Failed("the password was refused")
        fields = forms[0].fields | {"email": person.email, "password": person.password}
        at = _path(urljoin(self.platform.origin + at, forms[0].action))
        origin = {"Origin": self.platform.origin}
        return at, await self.platform.post(at, fields, cookies.header() | origin)

    def _code(self, answer: Answer, request: Request) -> str:
        if answer.status not in REDIRECTS or not answer.location.startswith(REDIRECT_URI):
            raise Failed(f"authorize: {answer.status} {answer.location[:100]}")
        found = dict(parse_qsl(urlsplit(answer.location).query))
        if found.get("state") != request.state or found.get("iss") != self.target.issuer:
            raise Failed(f"authorize: state or iss is wrong in {sorted(found)}")
        if "code" not in found:
            raise Failed(f"authorize: {found.get('error')}")
        return found["code"]

    # --- the client's own part

    async def token(self, **form: str) -> dict[str, Any]:
        """The answer of the token endpoint."""
        answer = await self.platform.post("/auth/oauth2/token", form, self.authorization)
        found = _json(answer, "token")
        if not found.get("access_token") or found.get("token_type") != "Bearer":
            raise Failed("token: no bearer token")
        return found

    async def redeem(self, code: str, request: Request) -> Tokens:
        found = await self.token(
            grant_type="authorization_code",
            code=code,
            redirect_uri=REDIRECT_URI,
            code_verifier=request.code_verifier,
        )
        return self.checked(found, request.nonce)

    async def refresh(self, tokens: Tokens) -> Tokens:
        found = await self.token(grant_type="refresh_token", refresh_token=tokens.refresh_token)
        renewed = self.checked(found, None)
        if renewed.sub != tokens.sub or renewed.refresh_token == tokens.refresh_token:
            raise Failed("refresh: not rotated, or another person")
        return renewed

    def checked(self, found: dict[str, Any], nonce: str | None) -> Tokens:
        claims = claims_of(
            found.get("id_token"), issuer=self.target.issuer, client_id=CLIENT_ID, nonce=nonce
        )
        if claims["organisation"] != self.target.organisation or not claims["roles"]:
            raise Failed("the ID token has no organisation or no roles")
        return Tokens(
            found["access_token"], found["refresh_token"], found["id_token"], claims["sub"]
        )

    async def userinfo(self, tokens: Tokens) -> None:
        bearer = {"Authorization": f"Bearer {tokens.access_token}"}
        answer = await self.platform.get("/auth/oauth2/userinfo", bearer)
        found = _json(answer, "userinfo")
        if found.get("sub") != tokens.sub or not found.get("email"):
            raise Failed("userinfo: another person")

    async def introspect(self, tokens: Tokens) -> None:
        form = {"token": tokens.access_token}
        answer = await self.platform.post("/auth/oauth2/introspect", form, self.authorization)
        found = _json(answer, "introspect")
        if found.get("active") is not True or found.get("sub") != tokens.sub:
            raise Failed("introspect: not active")

    async def json(self, path: str) -> dict[str, Any]:
        """A public document."""
        return _json(await self.platform.get(path), path)


def _json(answer: Answer, what: str) -> dict[str, Any]:
    if answer.status != 200:
        raise Failed(f"{what}: {answer.status} {answer.body[:200]!r}")
    found = json.loads(answer.body)
    if not isinstance(found, dict):
        raise Failed(f"{what}: not an object")
    return found


def _path(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
