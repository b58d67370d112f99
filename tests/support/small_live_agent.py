"""The accounts of Live Agent's Platform API, in memory, with the ways in which it can fail.

async with small_live_agent() as live_agent:
    live_agent.environment          # for the platform that calls it
    live_agent.loses_answers = 1    # the account is made, the answer does not arrive
"""

import json
from asyncio import StreamWriter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from support.peer import peer_that_says, reply

TOKEN = "platform-token-of-the-tests-0123456789"
ACCOUNTS = "/platform/api/v1/accounts"

Said = tuple[str, dict[str, Any]]
UNKNOWN: Said = ("404 Not Found", {"code": "account_unknown", "status": 404})


@dataclass(frozen=True)
class Request:
    """One call as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any


@dataclass
class SmallLiveAgent:
    """`accounts` by their number; `requests` in the order of their arrival."""

    url: str = ""
    accounts: dict[int, dict[str, Any]] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    next_number: int = 7
    loses_answers: int = 0
    answers: Said | None = None  # this, whatever is asked
    before_answer: Callable[[Request], Awaitable[None]] | None = None

    @property
    def environment(self) -> dict[str, str]:
        return {
            "COGNIGY_LIVE_AGENT_API_BASE_URL_WITH_PROTOCOL": self.url,
            "COGNIGY_LIVE_AGENT_UI_BASE_URL_WITH_PROTOCOL": "https://desk.example",
            "COGNIGY_LIVE_AGENT_PLATFORM_TOKEN": TOKEN,
        }

    @property
    def calls(self) -> list[str]:
        return [request.method for request in self.requests]

    def add(self, organisation: str | None, name: str = "Acme", status: str = "active") -> int:
        number, self.next_number = self.next_number, self.next_number + 1
        self.accounts[number] = {
            "id": number,
            "name": name,
            "organisation_id": organisation,
            "status": status,
            "oauth_login": True,
            "created_at": 1,
        }
        return number

    async def talk(self, raw: bytes, writer: StreamWriter) -> None:
        request = _request(raw)
        self.requests.append(request)
        status, body = self.answers or self._answer(request)
        if self.before_answer is not None:
            await self.before_answer(request)
        if self.loses_answers:
            self.loses_answers -= 1
            writer.close()
            return
        await reply(json.dumps(body).encode(), status)(raw, writer)

    def _answer(self, request: Request) -> Said:
        if request.headers.get("api_access_token") != TOKEN:
            return "401 Unauthorized", {"code": "platform_token_wrong"}
        if request.method == "POST":
            return self._create(request.body)
        last = urlsplit(request.path).path.rpartition("/")[2]
        if last == "accounts":
            wanted = parse_qs(urlsplit(request.path).query)["organisation_id"][0]
            found = [a for a in self.accounts.values() if a["organisation_id"] == wanted]
            return "200 OK", {"accounts": found, "next": None}
        account = self.accounts.get(int(last))
        if account is None:
            return UNKNOWN
        if request.method == "PATCH":
            if request.body["organisation_id"] != account["organisation_id"]:
                return "409 Conflict", {"code": "organisation_differs"}
            account["status"] = request.body["status"]
        return "200 OK", account

    def _create(self, asked: dict[str, Any]) -> Said:
        for account in self.accounts.values():
            if account["organisation_id"] == asked["organisation_id"]:
                return "200 OK", account
        made = self.add(asked["organisation_id"], asked["name"])
        return "201 Created", self.accounts[made]


def _request(raw: bytes) -> Request:
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    method, path, _ = first.split(" ")
    pairs = (line.partition(":")[::2] for line in lines)
    headers = {name.strip().lower(): value.strip() for name, value in pairs}
    is_json = headers.get("content-type", "") == "application/json"
    return Request(method, path, headers, json.loads(body) if is_json else body.decode())


@asynccontextmanager
async def small_live_agent() -> AsyncIterator[SmallLiveAgent]:
    """Runs it on loopback."""
    live_agent = SmallLiveAgent()
    async with peer_that_says(live_agent.talk) as peer:
        live_agent.url = peer.url("")
        yield live_agent
