"""What holds for every request of a JSON API, whichever route it has, and for every answer."""

import asyncio
from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kernel.problems import ProblemError
from kernel.web.api.problems import EXPECTED, ApiProblem, answer, failed
from kernel.web.forms import LONGEST_FORM, LONGEST_SECONDS, read_query
from kernel.web.guards import ProtocolGuard
from kernel.web.site import reference_of_request

LONGEST_BODY = LONGEST_FORM
OUTER = "kernel.application"  # in the scope: the application that the API is mounted in

_PROTOCOL = ProtocolGuard()


def add_headers(request: Request, headers: Mapping[str, str]) -> None:
    """Headers for the answer to this request, whatever it becomes."""
    known: dict[str, str] = getattr(request.state, "answer_headers", {})
    request.state.answer_headers = {**known, **headers}


class Boundary:
    """Pure ASGI, innermost of FastAPI's middleware but for its exception handlers.

    `request.app` is the application that has the site and the database, as everywhere else. A
    failure that nobody expected becomes a plain 500 here and goes no further.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["app"] = scope[OUTER]
        request = Request(scope, receive)
        await _PROTOCOL.check(request)  # the caller's reference, which both logs then have
        reference_of_request(request)
        begun = False

        async def watch(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                message["headers"] = [*message.get("headers", []), *_headers(request)]
            await send(message)

        try:
            check_address(request)
            await self.app(scope, BoundedBody(request, receive), watch)
        except Exception as error:
            if begun:
                raise  # half an answer is out; the server hangs up
            expected = isinstance(error, EXPECTED)
            response = await answer(request, error) if expected else failed(request, error)
            await response(scope, receive, watch)


def check_address(request: Request) -> None:
    """No parameter twice, and no character that cannot be stored; raises FormError."""
    if "\0" in request.scope["path"]:
        raise HTTPException(404)
    read_query(request)


class BoundedBody:
    """A body of at most 64 kB that comes in ten seconds; ASGI's `receive`."""

    def __init__(self, request: Request, receive: Receive) -> None:
        self._receive, self._read = receive, 0
        self._announced = request.headers.get("content-length", "")
        self._until = asyncio.get_running_loop().time() + LONGEST_SECONDS
        self._complete = False

    async def __call__(self) -> Message:
        if self._complete:  # what comes now is the caller's hanging up
            return await self._receive()
        if self._announced.isdecimal() and int(self._announced[:10]) > LONGEST_BODY:
            raise _Refused(ApiProblem.REQUEST_TOO_LARGE)
        try:
            async with asyncio.timeout_at(self._until):
                message = await self._receive()
        except TimeoutError:
            raise _Refused(ApiProblem.REQUEST_TOO_SLOW) from None
        self._read += len(message.get("body", b""))
        self._complete = not message.get("more_body", False)
        if self._read > LONGEST_BODY:
            raise _Refused(ApiProblem.REQUEST_TOO_LARGE)
        return message


class _Refused(HTTPException, ProblemError):  # noqa: N818 - what happened
    """FastAPI makes 400 of anything but an HTTPException that comes while it reads the body."""

    def __init__(self, problem: ApiProblem) -> None:
        HTTPException.__init__(self, problem.spec.status)
        ProblemError.__init__(self, problem)


def _headers(request: Request) -> list[tuple[bytes, bytes]]:
    own: dict[str, str] = getattr(request.state, "answer_headers", {})
    always = {"x-reference": reference_of_request(request), "cache-control": "no-store"}
    return [(name.encode(), value.encode()) for name, value in (always | own).items()]
