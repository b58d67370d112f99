"""The operations that are measured: each is one finished piece of work, with its answer checked."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from joserfc.jwk import KeySet

from bench.client import Client, Tokens, new_request
from bench.http import Connection, Cookies, Failed
from bench.target import ACCOUNT, Target

START = "/omniauth/cognigy"


class Worker:
    """One person at work: a browser that is signed in to both systems, and a client."""

    def __init__(self, target: Target, number: int, seen: set[str]) -> None:
        self.target = target
        self.person = target.people[number]
        self.client = Client(target)
        self.desk = Connection(target.pair.desk.url)
        self.cookies = Cookies()  # of the platform
        self.desk_cookies = Cookies()
        self.tokens = Tokens("", "", "", "")
        self.id_tokens: list[str] = []
        self._seen = seen  # codes and tokens of all workers: none may come twice

    async def set_up(self) -> None:
        request = new_request()
        code = await self.client.sign_in(self.cookies, self.person, request)
        self._keep(await self.client.redeem(code, request))
        await self.whole_login()

    def close(self) -> None:
        self.client.close()
        self.desk.close()

    async def sso(self) -> None:
        request = new_request()
        code = await self.client.authorize(self.cookies, request)
        await self._finish(code, await self.client.redeem(code, request))

    async def password_login(self) -> None:
        request = new_request()
        code = await self.client.sign_in(Cookies(), self.person, request)
        await self._finish(code, await self.client.redeem(code, request))

    async def _finish(self, code: str, tokens: Tokens) -> None:
        await self.client.userinfo(tokens)
        self._unseen(code)
        self._keep(tokens)

    async def refresh(self) -> None:
        self._keep(await self.client.refresh(self.tokens))

    async def introspect(self) -> None:
        await self.client.introspect(self.tokens)

    async def userinfo(self) -> None:
        await self.client.userinfo(self.tokens)

    async def client_credentials(self) -> None:
        scope = f"organisationId={self.target.organisation}"
        found = await self.client.token(grant_type="client_credentials", scope=scope)
        self._unseen(found["access_token"])

    async def discovery(self) -> None:
        metadata = await self.client.json("/.well-known/openid-configuration")
        keys = await self.client.json(urlsplit(metadata["jwks_uri"]).path)
        if metadata["issuer"] != self.target.issuer or not keys["keys"]:
            raise Failed("discovery: another issuer, or no key")

    async def whole_login(self) -> None:
        """A browser that is new to Live Agent: start, authorize, callback, dashboard."""
        cookies = Cookies()
        started = await self.desk.get(START)
        cookies.take(started.set_cookies)
        authorize = _after(started.location, self.target.pair.platform.url)
        authorized = await self.client.platform.get(authorize, self.cookies.header())
        callback = _after(authorized.location, self.target.pair.desk.url)
        entered = await self.desk.get(callback, cookies.header())
        cookies.take(entered.set_cookies)
        if "/login/failed/" in entered.location:
            raise Failed("the login was refused")
        dashboard = _after(entered.location, self.target.pair.desk.url)
        await self._dashboard(dashboard, cookies)
        self.desk_cookies = cookies

    async def dashboard(self) -> None:
        await self._dashboard(f"/app/accounts/{self.target.account}/dashboard", self.desk_cookies)

    async def _dashboard(self, path: str, cookies: Cookies) -> None:
        page = await self.desk.get(path, cookies.header())
        if page.status != 200 or self.person.email.encode() not in page.body:
            raise Failed(f"dashboard: {page.status} {page.location}")
        if ACCOUNT.encode() not in page.body:
            raise Failed("dashboard: of another account")

    async def desk_request(self) -> None:
        answer = await self.desk.get("/app", self.desk_cookies.header())
        if not answer.location.endswith(f"/app/accounts/{self.target.account}/dashboard"):
            raise Failed(f"session: {answer.status} {answer.location}")

    def _keep(self, tokens: Tokens) -> None:
        self._unseen(tokens.access_token)
        self._unseen(tokens.refresh_token)
        self.id_tokens.append(tokens.id_token)
        self.tokens = tokens

    def _unseen(self, secret: str) -> None:
        if secret in self._seen:
            raise Failed("a code or token came twice")
        self._seen.add(secret)


def _after(location: str, origin: str) -> str:
    """The path and query of a redirect, which must lead there."""
    if location.startswith("/"):
        return location
    if not location.startswith(origin + "/"):
        raise Failed(f"a redirect elsewhere: {location[:100]!r}")
    return location[len(origin) :]


async def published_keys(target: Target) -> KeySet:
    client = Client(target)
    try:
        return KeySet.import_key_set(await client.json("/.well-known/jwks.json"))  # type: ignore[arg-type]
    finally:
        client.close()


@dataclass(frozen=True)
class Operation:
    """`systems`: whose CPU time is counted, the database's beside it."""

    includes: str
    run: Callable[[Worker], Awaitable[None]]
    systems: tuple[str, ...] = ("platform",)


OPERATIONS = {
    "sso": Operation("authorize with a session, token, userinfo", Worker.sso),
    "refresh": Operation("a refresh token for new ones and an ID token", Worker.refresh),
    "introspect": Operation("of an access token", Worker.introspect),
    "client_credentials": Operation("bound to one organisation", Worker.client_credentials),
    "userinfo": Operation("with all scopes", Worker.userinfo),
    "discovery": Operation("the document and the keys: two requests", Worker.discovery),
    "password_login": Operation(
        "login page, password, token, userinfo in a new browser", Worker.password_login
    ),
    "whole_login": Operation(
        "start, authorize with a session, callback, dashboard: the pages and the call behind them",
        Worker.whole_login,
        ("platform", "desk"),
    ),
    "desk_request": Operation(
        "session and rights are read, the answer is a redirect (GET /app)",
        Worker.desk_request,
        ("desk",),
    ),
    "dashboard": Operation("the same with the dashboard's page", Worker.dashboard, ("desk",)),
}
