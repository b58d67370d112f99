"""What a registered client is, and which registrations are refused (RFC 6749 section 2)."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

AUTH_METHODS = ("client_secret_basic", "client_secret_post", "none")
GRANT_TYPES = ("authorization_code", "refresh_token", "client_credentials")
SCOPES = ("openid", "profile", "email", "organisation", "roles")  # what a client has by itself
API_SCOPE = "api"  # the JSON API in the person's name: only for a client that was given it
KNOWN_SCOPES = (*SCOPES, API_SCOPE)
ID_TOKEN_ALGS = ("ES256", "RS256", "EdDSA")
PKCE = ("required", "optional")
CONSENT = ("ask", "implicit")
LOOPBACK = ("localhost", "127.0.0.1", "::1")
LONGEST_URI = 2000
TWO_WEEKS = 1_209_600
LONGEST_ID = 128
CLIENT_ID = re.compile(r"[A-Za-z0-9._~-]{1,128}")  # never needs an escape in Basic or a URL


@dataclass(frozen=True, slots=True)
class Client:
    """A client as the protocol sees it."""

    client_id: str
    name: str
    secret_fingerprints: tuple[str, ...] = ()
    auth_method: str = "client_secret_basic"
    redirect_uris: tuple[str, ...] = ()  # compared as plain strings; none means none
    post_logout_redirect_uris: tuple[str, ...] = ()
    backchannel_logout_uri: str | None = None
    scopes: tuple[str, ...] = SCOPES
    grant_types: tuple[str, ...] = ("authorization_code", "refresh_token")
    id_token_alg: str = "RS256"  # noqa: S105 - an algorithm
    pkce: str = "required"
    consent: str = "ask"
    grant_lifetime: int = TWO_WEEKS
    disabled: bool = False


def fault_of(client: Client) -> str | None:
    """Why the client cannot be registered so, in one sentence, or None."""
    if not CLIENT_ID.fullmatch(client.client_id):
        return "The client id has to be 1 to 128 letters, digits and . _ ~ -"
    if not client.name.strip() or len(client.name) > 200:  # noqa: PLR2004
        return "The name has to be 1 to 200 characters."
    return _fault_of_choices(client) or _fault_of_kind(client) or _fault_of_uris(client)


def _fault_of_choices(client: Client) -> str | None:
    for what, value, allowed in (
        ("authentication method", client.auth_method, AUTH_METHODS),
        ("ID token algorithm", client.id_token_alg, ID_TOKEN_ALGS),
        ("PKCE rule", client.pkce, PKCE),
        ("consent rule", client.consent, CONSENT),
        *(("scope", scope, KNOWN_SCOPES) for scope in client.scopes),
        *(("grant type", grant, GRANT_TYPES) for grant in client.grant_types),
    ):
        if value not in allowed:
            return f"{value!r} is no {what}; there are: {', '.join(allowed)}."
    if client.grant_lifetime < 60:  # noqa: PLR2004
        return "A grant has to live at least 60 seconds."
    return None


def _fault_of_kind(client: Client) -> str | None:
    """What belongs together: RFC 6749 section 4.4, RFC 9700 section 2.1.1."""
    is_public = client.auth_method == "none"
    if is_public and "client_credentials" in client.grant_types:
        return "A client without a secret cannot use client_credentials."
    if is_public and client.pkce != "required":
        return "A client without a secret has to use PKCE."
    if "authorization_code" in client.grant_types and not client.redirect_uris:
        return "A client that people log in to needs at least one redirect URI."
    return None


def _fault_of_uris(client: Client) -> str | None:
    for uri in (*client.redirect_uris, *client.post_logout_redirect_uris):
        fault = fault_of_redirect_uri(uri)
        if fault is not None:
            return f"{uri}: {fault}"
    address = client.backchannel_logout_uri
    if address is not None and not address.startswith(("https://", "http://")):
        return f"{address}: a back-channel logout URI begins with https://"
    fault = fault_of_redirect_uri(address) if address else None
    return f"{address}: {fault}" if fault else None


def fault_of_redirect_uri(uri: str) -> str | None:
    """RFC 6749 section 3.1.2, RFC 8252 section 7, RFC 9700 section 4.1; a query is allowed."""
    if len(uri) > LONGEST_URI or not uri.isascii() or not uri.isprintable() or " " in uri:
        return "it has to be printable ASCII, at most 2000 characters."
    if any(character in uri for character in '#\\"<>'):
        return "it may not have a fragment, a backslash, a quotation mark or a bracket."
    try:
        parts = urlsplit(uri)
        _ = parts.port
    except ValueError:
        return "it is not a URI."
    if parts.scheme in ("https", "http"):
        return _fault_of_web_address(parts.hostname, parts.netloc, parts.scheme)
    if "." not in parts.scheme:  # javascript:, data:, file: and other names that are not ours
        return "it begins with https://, or an app's own scheme such as com.example.app:"
    return None


def _fault_of_web_address(host: str | None, netloc: str, scheme: str) -> str | None:
    if not host or "@" in netloc:
        return "it has to name a host, without credentials."
    if scheme == "http" and host not in LOOPBACK:
        return "http is for loopback addresses only; use https."
    return None
