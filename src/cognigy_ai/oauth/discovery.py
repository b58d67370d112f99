"""The well-known documents: what this server offers, and its keys.

OpenID Connect Discovery 1.0, RFC 8414, RFC 7517. Nothing is listed that does not exist.
"""

import functools
import json
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from cognigy_ai.clients.rules import AUTH_METHODS, GRANT_TYPES, KNOWN_SCOPES
from cognigy_ai.keys.rules import JWKS_SECONDS
from cognigy_ai.oauth.answers import ANY_ORIGIN
from cognigy_ai.oauth.rules.authorization_request import PROMPTS
from cognigy_ai.oauth.rules.claims import ACR_VALUES, SUPPORTED
from cognigy_ai.problems import Problem
from cognigy_ai.state import state_of
from kernel.jose import ALGORITHMS
from kernel.problems import ProblemError

HEADERS = ANY_ORIGIN | {"cache-control": f"public, max-age={JWKS_SECONDS}"}
CONFIDENTIAL = [method for method in AUTH_METHODS if method != "none"]


async def show_metadata(request: Request) -> Response:
    """GET /.well-known/openid-configuration and /.well-known/oauth-authorization-server."""
    settings = state_of(request).settings
    document = _document(settings.issuer, settings.pages_url)
    return Response(document, headers=HEADERS, media_type="application/json")


async def show_metadata_of_path(request: Request) -> Response:
    """The same for an issuer with a path, which RFC 8414 section 3 puts at the end."""
    issuer = state_of(request).settings.issuer
    if urlsplit(issuer).path != f"/{request.path_params['path']}":
        raise ProblemError(Problem.PAGE_NOT_FOUND)
    return await show_metadata(request)


async def show_jwks(request: Request) -> Response:
    """GET /.well-known/jwks.json."""
    state = state_of(request)
    return JSONResponse(await state.keys.jwks(state.clock.now()), headers=HEADERS)


@functools.cache
def _document(issuer: str, pages_url: str) -> bytes:
    """Browsers go to the pages' address, programs to the issuer's."""
    return json.dumps(
        {
            "issuer": issuer,
            "authorization_endpoint": f"{pages_url}/auth/oauth2/authorize",
            "token_endpoint": f"{issuer}/auth/oauth2/token",
            "userinfo_endpoint": f"{issuer}/auth/oauth2/userinfo",
            "jwks_uri": f"{issuer}/.well-known/jwks.json",
            "revocation_endpoint": f"{issuer}/auth/oauth2/revoke",
            "introspection_endpoint": f"{issuer}/auth/oauth2/introspect",
            "end_session_endpoint": f"{pages_url}/auth/oauth2/logout",
            "scopes_supported": list(KNOWN_SCOPES),
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": list(GRANT_TYPES),
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": list(ALGORITHMS),
            "token_endpoint_auth_methods_supported": list(AUTH_METHODS),
            "revocation_endpoint_auth_methods_supported": list(AUTH_METHODS),
            "introspection_endpoint_auth_methods_supported": CONFIDENTIAL,
            "code_challenge_methods_supported": ["S256"],
            "prompt_values_supported": sorted(PROMPTS),
            "claims_supported": list(SUPPORTED),
            "acr_values_supported": list(ACR_VALUES),
            "authorization_response_iss_parameter_supported": True,
            "backchannel_logout_supported": True,
            "backchannel_logout_session_supported": True,
            "claims_parameter_supported": False,
            "request_parameter_supported": False,
            "request_uri_parameter_supported": False,
            # Ours, not of a standard: where the doctor of Live Agent asks.
            "cognigy_live_agent_probe_endpoint": f"{issuer}/auth/oauth2/probe",
            "service_documentation": f"{pages_url}/help",
        }
    ).encode()
