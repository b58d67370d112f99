"""The address that the browser is sent to (RFC 6749 section 4.1.1, RFC 7636, OIDC Core 3.1.2.1)."""

import base64
import hashlib
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from live_agent.oauth.rules.flow import Flow

# What "Use another account" may ask for; nothing else of our own address goes on to the provider.
PROMPTS = ("login", "select_account")


@dataclass(frozen=True, slots=True)
class Client:
    """This relying party as its provider knows it."""

    client_id: str
    redirect_uri: str
    scopes: tuple[str, ...]
    uses_id_token: bool


def scopes_to_ask(configured: str, *, uses_id_token: bool) -> tuple[str, ...]:
    """The scopes to ask for: without an ID token there is no OpenID Connect, thus no `openid`."""
    scopes = tuple(dict.fromkeys(configured.split()))
    if uses_id_token:
        return scopes if "openid" in scopes else ("openid", *scopes)
    return tuple(scope for scope in scopes if scope != "openid")


def s256_challenge(code_verifier: str) -> str:
    """RFC 7636 section 4.2."""
    digest = hashlib.sha256(code_verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def parameters(client: Client, flow: Flow, prompt: str | None) -> dict[str, str]:
    """Everything that we ask for, always with PKCE S256."""
    asked = {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": client.redirect_uri,
        "scope": " ".join(client.scopes),
        "state": flow.state,
        "code_challenge": s256_challenge(flow.code_verifier),
        "code_challenge_method": "S256",
    }
    if client.uses_id_token:
        asked["nonce"] = flow.nonce
    if prompt in PROMPTS:
        asked["prompt"] = str(prompt)
    return asked


def authorization_url(endpoint: str, asked: dict[str, str]) -> str:
    """The endpoint's own query (`?cognigy-live-agent=true`) is kept (RFC 6749 section 3.1).

    Except what we say ourselves: a repeated parameter is an error there.
    """
    parts = urlsplit(endpoint)
    own = parse_qsl(parts.query, keep_blank_values=True)
    kept = [(name, value) for name, value in own if name not in asked]
    return urlunsplit(parts._replace(query=urlencode([*kept, *asked.items()]), fragment=""))
