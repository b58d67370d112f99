"""Where an access token may stand in a request (RFC 6750 section 2)."""

from collections.abc import Mapping

from cognigy_ai.problems import Problem


def presented(
    authorization: str | None, form: Mapping[str, str], query: Mapping[str, str]
) -> str | Problem | None:
    """The token of the header or of the form, None without any; in the query it is refused."""
    if "access_token" in query:
        return Problem.BEARER_TOKEN_REPEATED
    in_form = form.get("access_token")
    if authorization is None:
        return in_form
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or in_form is not None:
        return Problem.BEARER_TOKEN_REPEATED
    return token.strip()


def challenge(problem: Problem | None) -> str:
    """WWW-Authenticate (section 3); without a token it names no error (section 3.1)."""
    if problem is None:
        return 'Bearer realm="Cognigy.AI"'
    spec = problem.spec
    return (
        f'Bearer realm="Cognigy.AI", error="{spec.oauth_error}", error_description="{spec.title}"'
    )
