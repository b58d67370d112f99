"""Routes that both applications have in the same words: choices, health, files, demo mail."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kernel.html import static_directories
from kernel.languages import LANGUAGES
from kernel.mail import list_folder
from kernel.problems import ProblemCatalogue, ProblemError
from kernel.web.addresses import safe_return_url
from kernel.web.guards import Guard, ProtocolGuard, form_of, guarded
from kernel.web.problem_pages import failed
from kernel.web.readiness import readiness_of
from kernel.web.site import THEMES, YEAR, page, see_other, site_of

IMMUTABLE = f"public, max-age={YEAR}, immutable"
REVALIDATED = "no-cache"
HOME = "/"


def shared_routes(package: str, pages: Guard) -> list[BaseRoute]:
    """`pages` is the guard of a page that anybody may see."""
    open_to_all = ProtocolGuard()
    return [
        guarded("POST", "/language", post_language, pages),
        guarded("POST", "/theme", post_theme, pages),
        guarded("GET", "/demo/mail", show_demo_mail, pages),
        guarded("GET", "/health/liveness", show_alive, open_to_all),
        guarded("GET", "/health/startup", show_alive, open_to_all),
        guarded("GET", "/health/readiness", readiness_of(package), open_to_all),
        guarded("GET", "/favicon.ico", mark_of(package), open_to_all),
        Mount("/static", OwnFiles(package), name="static"),
    ]


async def post_language(request: Request) -> Response:
    """The picker's choice, for a year; then back to the page."""
    form = form_of(request)
    response = _back(form)
    if form.get("language") in LANGUAGES:
        site_of(request).cookies.set(response, "language", form["language"], YEAR)
    return response


async def post_theme(request: Request) -> Response:
    """Light, dark, or as the device says; for a year."""
    form = form_of(request)
    response = _back(form)
    if form.get("theme") in THEMES:
        site_of(request).cookies.set(response, "theme", form["theme"], YEAR)
    return response


async def show_demo_mail(request: Request) -> Response:
    """Mail that the demo would have sent; there is no such page outside of it."""
    folder: Path | None = request.app.state.settings.demo_mail_folder
    if folder is None:
        catalogue: type[ProblemCatalogue] = request.app.state.problems
        raise ProblemError(catalogue["PAGE_NOT_FOUND"])
    mails = await asyncio.to_thread(list_folder, folder)
    return page(request, "demo_mail.html", mails=mails)


async def show_alive(_request: Request) -> Response:
    """The process runs; nothing else is asked."""
    return JSONResponse({"status": "ok"})


def mark_of(package: str) -> Callable[[Request], Awaitable[Response]]:
    """The product's mark under the address that browsers ask for by themselves."""
    mark = static_directories(package)[0] / "mark.svg"

    async def show_mark(_request: Request) -> Response:
        headers = {"cache-control": REVALIDATED}
        return FileResponse(mark, media_type="image/svg+xml", headers=headers)

    return show_mark


class OwnFiles(StaticFiles):
    """Files of the application, then of the kernel; one with its version is kept for ever."""

    def __init__(self, package: str) -> None:
        own, shared = static_directories(package)
        super().__init__(directory=shared)
        self.all_directories = [own, shared]

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        versioned = scope["query_string"].startswith(b"v=") and response.status_code < 400  # noqa: PLR2004
        response.headers["cache-control"] = IMMUTABLE if versioned else REVALIDATED
        return response


class Unexpected:
    """Pure ASGI: an exception that escaped becomes the 500 page, and goes no further."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = False

        async def watch(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, watch)
        except Exception as error:
            response = failed(Request(scope, receive), error)
            if begun:
                raise  # half an answer is out; the server hangs up
            await response(scope, receive, send)


def _back(form: dict[str, str]) -> Response:
    return see_other(safe_return_url(form.get("return_to")) or HOME)
