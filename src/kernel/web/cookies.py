"""Cookies of one application (ASVS 3.3): host-bound, not readable by scripts, Lax."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response


@dataclass(frozen=True, slots=True)
class Cookies:
    """Names and attributes.

    Over https a name gets the `__Host-` prefix, so that no sub-domain can plant one. Over http (in
    development, on loopback) Safari and the cookie jars of Python would not send it, and all ports
    of a host share cookies: there the name carries system and port.
    """

    system: str
    port: int
    secure: bool

    def name(self, what: str) -> str:
        return (
            f"__Host-{self.system}_{what}" if self.secure else f"{self.system}_{self.port}_{what}"
        )

    def get(self, request: Request, what: str) -> str | None:
        return request.cookies.get(self.name(what))

    def named(self, request: Request, prefix: str) -> Mapping[str, str]:
        """All cookies whose `what` begins so, by the rest of their name."""
        start = self.name(prefix)
        return {n[len(start) :]: v for n, v in request.cookies.items() if n.startswith(start)}

    def set(self, response: Response, what: str, value: str, max_age: int | None = None) -> None:
        """`max_age` in seconds; None ends with the browser."""
        response.set_cookie(
            self.name(what),
            value,
            max_age=max_age,
            path="/",
            secure=self.secure,
            httponly=True,
            samesite="lax",
        )

    def delete(self, response: Response, what: str) -> None:
        self.set(response, what, "", max_age=0)
