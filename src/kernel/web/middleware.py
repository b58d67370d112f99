"""Headers that every answer carries, added below everything else."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kernel.web.site import YEAR, content_security_policy


class SecurityHeaders:
    """Pure ASGI: one list of ready-made headers, those that the answer sets itself left out."""

    def __init__(self, app: ASGIApp, *, strict_transport: bool) -> None:
        self.app = app
        always = {
            "content-security-policy": content_security_policy(),
            "x-content-type-options": "nosniff",
            "x-frame-options": "DENY",
            # `no-referrer` would make the browser send `Origin: null` with our own forms.
            "referrer-policy": "same-origin",
            "cross-origin-opener-policy": "same-origin",
            "permissions-policy": "camera=(), geolocation=(), microphone=()",
            "cache-control": "no-store",
        }
        if strict_transport:
            always["strict-transport-security"] = f"max-age={YEAR}; includeSubDomains"
        self._headers = [(k.encode(), v.encode()) for k, v in always.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = message.setdefault("headers", [])
                names = {name.lower() for name, _ in own}
                own.extend(header for header in self._headers if header[0] not in names)
            await send(message)

        await self.app(scope, receive, send_with_headers)
