"""How the authorization server answers clients: redirects with parameters, and JSON."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from cognigy_ai.oauth.rules.authorization_request import AuthorizationRequest
from kernel.problems import ProblemError
from kernel.web.guards import ProtocolGuard, with_query

NO_STORE = {"cache-control": "no-store", "pragma": "no-cache"}
ANY_ORIGIN = {"access-control-allow-origin": "*"}
PREFLIGHT = {
    "access-control-allow-methods": "GET, POST",
    "access-control-allow-headers": "authorization, content-type",
    "access-control-max-age": "600",
}


class EndpointGuard(ProtocolGuard):
    """A protocol endpoint that browsers may call from any origin: no cookie counts here."""

    async def refuse(self, request: Request, error: ProblemError) -> Response:
        _name_parameter(error)
        response = await super().refuse(request, error)
        response.headers.update(ANY_ORIGIN)
        return response


ENDPOINT = EndpointGuard()


async def preflight(_request: Request) -> Response:
    """OPTIONS: what a script of another origin may send (Fetch standard, CORS protocol)."""
    return Response(status_code=204, headers=ANY_ORIGIN | PREFLIGHT)


def as_json(body: dict[str, object]) -> Response:
    """An answer that holds tokens or names (RFC 6749 section 5.1)."""
    return JSONResponse(body, headers=NO_STORE | ANY_ORIGIN)


def code_url(request: AuthorizationRequest, code: str, issuer: str) -> str:
    """RFC 6749 section 4.1.2, with the issuer of RFC 9207 section 2."""
    return _answer_url(request.redirect_uri, request.state, issuer, code=code)


def error_url(redirect_uri: str, state: str | None, error: ProblemError, issuer: str) -> str:
    """RFC 6749 section 4.1.2.1."""
    spec = error.problem.spec
    name = spec.oauth_error or "server_error"
    return _answer_url(redirect_uri, state, issuer, error=name, error_description=spec.title)


def _answer_url(redirect_uri: str, state: str | None, issuer: str, **parameters: str) -> str:
    if state is not None:
        parameters["state"] = state
    return with_query(redirect_uri, **parameters, iss=issuer)


def _name_parameter(error: ProblemError) -> None:
    """`{parameter}` of a title becomes the parameter's name."""
    if "parameter" in error.context and "fault_text" not in error.context:
        title = error.problem.spec.title
        error.context["fault_text"] = title.format_map(error.context)
