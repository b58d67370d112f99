"""When is somebody logged out without a question? (RP-Initiated Logout 1.0 sections 2 and 3)"""

from collections.abc import Mapping
from dataclasses import dataclass

from cognigy_ai.clients.rules import Client


@dataclass(frozen=True, slots=True)
class Hint:
    """What a verified id_token_hint says."""

    client_id: str
    subject: str
    session_id: str


def parse_hint(claims: Mapping[str, object], issuer: str) -> Hint | None:
    """The claims of a hint with a good signature, which may have expired; None: not ours."""
    values = [claims.get(name) for name in ("aud", "sub", "sid")]
    if claims.get("iss") != issuer or not all(isinstance(value, str) for value in values):
        return None
    client_id, subject, session_id = values
    return Hint(str(client_id), str(subject), str(session_id))


def needs_question(hint: Hint | None, session_id: str | None) -> bool:
    """True unless the application shows that the login is the one it was given.

    A browser that has another session must not lose it to a link from elsewhere. No cookie comes
    with a form of another site: there the hint decides alone.
    """
    return hint is None or session_id not in (None, hint.session_id)


def return_target(client: Client | None, wanted: str | None) -> str | None:
    """The page of the application to go back to, registered character by character."""
    if client is None or wanted is None or wanted not in client.post_logout_redirect_uris:
        return None
    return wanted
