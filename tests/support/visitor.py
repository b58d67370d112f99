"""A browser without JavaScript, on httpx: keeps cookies, follows redirects, fills in forms.

visitor = Visitor()
page = await visitor.get(desk.url + "/omniauth/cognigy")
page = await visitor.submit(page, email="agent@acme.example", password="...")
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from types import TracebackType
from typing import Any, Self
from urllib.parse import urljoin

import httpx

BUTTONS = ("submit", "button", "reset", "image")
TOGGLES = ("checkbox", "radio")


@dataclass
class Form:
    """A form as it stands on the page. `fields` are sent unless a submission changes them."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)  # of everything that can be filled in or pressed


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = True
            method = given.get("method", "get").lower()
            self.forms.append(Form(given.get("action", ""), method))
        elif self._inside and tag in ("input", "button", "select", "textarea") and "name" in given:
            self._add(self.forms[-1], tag, given)

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "form"

    def _add(self, form: Form, tag: str, given: Mapping[str, str]) -> None:
        form.names.add(given["name"])
        kind = given.get("type", "submit" if tag == "button" else "text")
        if kind in BUTTONS or (kind in TOGGLES and "checked" not in given):
            return
        form.fields[given["name"]] = given.get("value", "on" if kind in TOGGLES else "")


def forms_of(html: str) -> list[Form]:
    """The forms of a page, in order."""
    reader = _Forms()
    reader.feed(html)
    return reader.forms


class ThroughReplica(httpx.AsyncHTTPTransport):
    """Connects to one replica for a public address; `Host` and cookies stay the public ones."""

    def __init__(self, replicas: Mapping[str, str], **options: Any) -> None:
        super().__init__(**options)
        self._replicas = {httpx.URL(k).netloc: httpx.URL(v) for k, v in replicas.items()}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        replica = self._replicas.get(request.url.netloc)
        if replica is None:
            return await super().handle_async_request(request)
        there = httpx.Request(
            request.method,
            request.url.copy_with(host=replica.host, port=replica.port),
            headers=request.headers,
            stream=request.stream,
            extensions=request.extensions,
        )
        return await super().handle_async_request(there)


class Visitor:
    """One person's browser.

    `replicas`: public address → the server that answers for it. `applications`: address → an ASGI
    application of the test's own that lives there.
    """

    def __init__(
        self,
        replicas: Mapping[str, str] | None = None,
        applications: Mapping[str, Any] | None = None,
    ) -> None:
        self.http = httpx.AsyncClient(
            transport=ThroughReplica(replicas or {}),
            mounts={at: httpx.ASGITransport(app) for at, app in (applications or {}).items()},
            follow_redirects=True,
            timeout=30,
            headers={"accept": "text/html", "accept-language": "en"},
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.http.aclose()

    async def get(self, url: str, *, follow: bool = True) -> httpx.Response:
        """Type an address: nobody's page sent us there."""
        headers = {"sec-fetch-site": "none", "sec-fetch-mode": "navigate"}
        return await self.http.get(url, headers=headers, follow_redirects=follow)

    async def submit(
        self, page: httpx.Response, *, to: str = "", follow: bool = True, **fields: str
    ) -> httpx.Response:
        """Fill in the first form that has all these fields (and leads there), and send it."""
        request = self.filled_in(page, to=to, **fields)
        return await self.http.send(request, follow_redirects=follow)

    def filled_in(self, page: httpx.Response, *, to: str = "", **fields: str) -> httpx.Request:
        """That request, not sent yet: for sending it twice."""
        form = form_with(page, *fields, to=to)
        values = form.fields | fields
        url = urljoin(str(page.url), form.action) if form.action else str(page.url)
        if form.method == "get":
            return self.http.build_request("GET", url, params=values)
        origin = str(page.url.copy_with(path="/", query=None)).rstrip("/")
        headers = {"origin": origin, "referer": str(page.url), "sec-fetch-site": "same-origin"}
        return self.http.build_request("POST", url, data=values, headers=headers)


def form_with(page: httpx.Response, *names: str, to: str = "") -> Form:
    """The first form that can take all these fields; fails with what the page is instead."""
    forms = [f for f in forms_of(page.text) if f.names.issuperset(names) and to in f.action]
    assert forms, f"no such form at {page.url} ({page.status_code}): {page.text[:1500]}"
    return forms[0]
