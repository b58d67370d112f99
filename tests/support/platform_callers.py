"""The platform's servers, as they call the Platform API of Live Agent."""

from typing import Any

import httpx

from support.office import BASE, Office

TOKEN = "a-platform-token-of-the-tests-1"
API = "/platform/api/v1"


class Caller:
    """Somebody who calls with one token, or none."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def asks(self, method: str, path: str, **options: Any) -> httpx.Response:
        return await self.http.request(method, API + path, **options)

    async def reads(self, path: str, **options: Any) -> Any:
        answer = await self.asks("GET", path, **options)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def creates(self, organisation: str, name: str = "Acme") -> Any:
        given = {"name": name, "organisation_id": organisation}
        answer = await self.asks("POST", "/accounts", json=given)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    async def changes(self, account: int, **change: Any) -> Any:
        answer = await self.asks("PATCH", f"/accounts/{account}", json=change)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def deletes(self, path: str, **options: Any) -> None:
        answer = await self.asks("DELETE", path, **options)
        assert (answer.status_code, answer.content) == (204, b"")

    async def refused(
        self, method: str, path: str, status: int, code: str, **options: Any
    ) -> dict[str, Any]:
        answer = await self.asks(method, path, **options)
        assert answer.headers["content-type"] == "application/problem+json", answer.text
        body: dict[str, Any] = answer.json()
        assert (answer.status_code, body["code"]) == (status, code), body
        return body


def caller(office: Office, token: str | None = TOKEN, address: str = "192.0.2.1") -> Caller:
    headers = {"api_access_token": token} if token is not None else {}
    transport = httpx.ASGITransport(office.app, client=(address, 4711))
    return Caller(httpx.AsyncClient(transport=transport, base_url=BASE, headers=headers))
