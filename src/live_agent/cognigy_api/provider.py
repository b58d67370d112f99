"""The OpenID Connect provider: its endpoints, its keys, and the calls of a login.

Every address comes from the operator, directly or by the discovery document of the issuer that the
operator named; no parameter of a request ever chooses one (chatwoot#14887). Raises ProblemError
`oauth_configuration` with the precise fault when the provider does not answer as it should.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from kernel import jose
from kernel.clock import Clock
from kernel.jose import AnyKey, TokenError, TokenFault
from kernel.log import get_logger
from kernel.outgoing import Answer, Failure, Outgoing, OutgoingError, Tls, date_offset
from kernel.problems import ProblemError
from live_agent.cognigy_api import discovery
from live_agent.cognigy_api.cache import Cache
from live_agent.cognigy_api.discovery import Metadata
from live_agent.cognigy_api.faults import Endpoint, nonsense, unanswered
from live_agent.problems import Fault, Problem
from live_agent.settings import Settings

log = get_logger(__name__)

METADATA_SECONDS = 3600
KEYS_SECONDS = 600
USABLE_SECONDS = 24 * 3600  # while the provider does not answer, what it said before serves
REFETCH_SECONDS = 5  # an unknown `kid` costs the provider one request in this time
LOGOUT_PATH = "/auth/oauth2/logout"

Keys = Mapping[str | None, list[AnyKey]]

TOKEN_FAULTS = {
    TokenFault.ALGORITHM: Fault.ALGORITHM_NOT_ALLOWED,
    TokenFault.KEY_UNKNOWN: Fault.KEY_NOT_FOUND,
    TokenFault.SIGNATURE: Fault.SIGNATURE_INVALID,
}


@dataclass(frozen=True, slots=True)
class Reply:
    """A JSON answer; `clock_offset` is how far the provider's clock is ahead of ours, if said."""

    status: int
    members: Mapping[str, Any] = field(repr=False)
    clock_offset: int | None


@dataclass(frozen=True, slots=True)
class SignedToken:
    """The claims of a token whose signature is the provider's."""

    algorithm: str
    claims: Mapping[str, Any] = field(repr=False)


class Provider:
    """One for each process; `close` it at the end."""

    def __init__(self, settings: Settings, clock: Clock, outgoing: Outgoing | None = None) -> None:
        self._settings, self._clock = settings, clock
        self._outgoing = outgoing or Outgoing(
            Tls(ca_file=settings.ssl_ca_file),
            timeout_seconds=settings.cognigy_oauth_timeout_seconds,
        )
        self._revocations: set[asyncio.Task[None]] = set()
        self._metadata = Cache(clock, METADATA_SECONDS, USABLE_SECONDS, self._fetch_metadata)
        self._keys: Cache[Keys] = Cache(clock, KEYS_SECONDS, USABLE_SECONDS, self._fetch_keys)

    def prepare(self) -> None:
        """At the start: ask, without waiting, for what the first ones will need."""
        if self._discovers:
            self._metadata.warm()

    async def close(self) -> None:
        await asyncio.gather(*self._revocations, return_exceptions=True)
        await self._keys.close()
        await self._metadata.close()
        await self._outgoing.close()

    # --- addresses: what the operator wrote wins over what is discovered ----------------------

    async def authorize_url(self) -> str:
        """Where the browser is sent."""
        configured = self._settings.cognigy_oauth_authorize_url
        return configured or _named((await self._metadata.get()).authorization_endpoint)

    async def sends_iss(self) -> bool:
        """Must its answers name the issuer (RFC 9207 section 2.3)? Unsaid without discovery."""
        if not self._discovers:
            return False
        return (await self._metadata.get()).sends_iss

    def logout_url(self) -> str:
        """The end-session endpoint (RP-Initiated Logout 1.0 section 2.1).

        It neither fails nor waits: a logout page is shown whether or not the provider answers.
        """
        discovered = self._metadata.find() if self._discovers else None
        if discovered is not None and discovered.end_session_endpoint:
            return discovered.end_session_endpoint
        return self._settings.cognigy_oauth_site.removesuffix("/v2.0").rstrip("/") + LOGOUT_PATH

    @property
    def _discovers(self) -> bool:
        """Is there an address that only the discovery document can tell?"""
        given = self._settings
        keys = given.cognigy_oauth_jwks_url or not given.uses_id_token
        return not (given.cognigy_oauth_authorize_url and given.cognigy_oauth_token_url and keys)

    # --- the calls of a login -----------------------------------------------------------------

    async def exchange(self, code: str, code_verifier: str, reference: str, now: int) -> Reply:
        """Redeem the code (RFC 6749 section 4.1.3, RFC 7636 section 4.5)."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._settings.redirect_uri,
            "code_verifier": code_verifier,
        }
        return await self._ask_token_endpoint(form, reference, now)

    async def refresh(self, refresh_token: str, reference: str, now: int) -> Reply:
        """Does the grant live, and what is true of the person now? (RFC 6749 section 6)"""
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        return await self._ask_token_endpoint(form, reference, now)

    async def client_credentials(self, scope: str, reference: str, now: int) -> Reply:
        """A token of the client's own (RFC 6749 section 4.4)."""
        form = {"grant_type": "client_credentials", "scope": scope}
        return await self._ask_token_endpoint(form, reference, now)

    async def _ask_token_endpoint(self, form: Mapping[str, str], reference: str, now: int) -> Reply:
        url = self._settings.cognigy_oauth_token_url
        url = url or _named((await self._metadata.get()).token_endpoint)
        try:
            answer = await self._post_as_client(url, form, reference)
            return _reply(Endpoint.TOKEN, answer, now)
        except OutgoingError as error:
            raise unanswered(Endpoint.TOKEN, error) from error

    async def verify(self, token: str, typ: str | None = None) -> SignedToken:
        """Is the signature the provider's? (OIDC Core 3.1.3.7 steps 6 to 8, and 10.1.1.)

        `typ` is what the header must say of a token that is no ID token (RFC 8725 section 3.11).
        A key that is not known may be new: the set is fetched once more, then it is unknown.
        """
        try:
            return _verified(token, await self._keys.get(), typ)
        except TokenError as error:
            if not _may_be_rotated(error):
                raise _untrusted(error) from error
        try:
            return _verified(token, await self._keys.get_newer_than(REFETCH_SECONDS), typ)
        except TokenError as error:
            raise _untrusted(error) from error

    async def userinfo(self, access_token: str, reference: str) -> Mapping[str, Any]:
        """The claims of the person that the token is for (OpenID Connect Core section 5.3)."""
        headers = {"Authorization": f"Bearer {access_token}", "X-Reference": reference}
        url = _named(self._settings.cognigy_oauth_userinfo_url)
        try:
            answer = await self._outgoing.get_json(url, headers)
            if answer.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
                raise ProblemError(
                    Problem.OAUTH_CONFIGURATION,
                    Fault.USERINFO_REFUSED,
                    step="userinfo",
                    detail=f"status {answer.status}",
                )
            return _members(Endpoint.USERINFO, answer)
        except OutgoingError as error:
            raise unanswered(Endpoint.USERINFO, error) from error

    def revoke_later(self, refresh_token: str | None, reference: str) -> None:
        """End the grant of a login that came to nothing (RFC 7009 section 2.1).

        Best effort and without waiting: nobody's page depends on it.
        """
        if refresh_token is not None and self._discovers:
            task = asyncio.create_task(self._revoke(refresh_token, reference))
            self._revocations.add(task)
            task.add_done_callback(self._revocations.discard)

    async def _revoke(self, refresh_token: str, reference: str) -> None:
        try:
            url = (await self._metadata.get()).revocation_endpoint
            if url is None:
                return
            form = {"token": refresh_token, "token_type_hint": "refresh_token"}
            answer = await self._post_as_client(url, form, reference)
        except (OutgoingError, ProblemError) as error:
            log.warning("token.not_revoked", reference=reference, cause=repr(error))
            return
        if answer.status != HTTPStatus.OK:
            log.warning("token.not_revoked", reference=reference, cause=f"status {answer.status}")

    async def _post_as_client(self, url: str, form: Mapping[str, str], reference: str) -> Answer:
        """With the client's authentication (RFC 6749 section 2.3.1)."""
        client_id = self._settings.cognigy_oauth_client_id
        secret = self._settings.cognigy_oauth_client_secret.get_secret_value()
        headers = {"X-Reference": reference}
        if self._settings.cognigy_oauth_client_auth == "client_secret_basic":
            return await self._outgoing.post_form(url, form, (client_id, secret), headers)
        in_body = {"client_id": client_id, "client_secret": secret}
        return await self._outgoing.post_form(url, {**form, **in_body}, None, headers)

    # --- what is kept for a while ---------------------------------------------------------------

    async def _fetch_metadata(self) -> Metadata:
        """Discovery section 4.3: a document of another issuer is not used."""
        issuer = self._settings.issuer
        members = await self._get(Endpoint.DISCOVERY, discovery.well_known_url(issuer))
        plain_http = urlsplit(issuer).scheme == "http"
        found = discovery.read(members, plain_http=plain_http)
        if found.issuer != issuer:
            raise ProblemError(
                Problem.OAUTH_CONFIGURATION,
                Fault.ISSUER_DIFFERS,
                step="discovery",
                detail=f"the document's issuer is {found.issuer[:200]!r}",
            )
        return found

    async def _fetch_keys(self) -> Keys:
        url = self._settings.cognigy_oauth_jwks_url
        url = url or _named((await self._metadata.get()).jwks_uri)
        document = await self._get(Endpoint.JWKS, url)
        try:
            return jose.public_keys(dict(document))
        except ValueError as error:
            raise nonsense(Endpoint.JWKS, str(error)) from error

    async def _get(self, endpoint: Endpoint, url: str) -> Mapping[str, Any]:
        try:
            return _members(endpoint, await self._outgoing.get_json(url))
        except OutgoingError as error:
            raise unanswered(endpoint, error) from error


def _reply(endpoint: Endpoint, answer: Answer, now: int) -> Reply:
    """Errors of a token endpoint are JSON too (RFC 6749 section 5.2); 503 needs no body."""
    _check_available(endpoint, answer)
    return Reply(answer.status, answer.json(), date_offset(answer, now))


def _members(endpoint: Endpoint, answer: Answer) -> Mapping[str, Any]:
    _check_available(endpoint, answer)
    if answer.status != HTTPStatus.OK:
        raise OutgoingError(Failure.NOT_JSON, f"status {answer.status}")
    return answer.json()


def _check_available(endpoint: Endpoint, answer: Answer) -> None:
    """The provider says itself that it cannot at the moment."""
    if answer.status in (HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS):
        raise ProblemError(
            Problem.PROVIDER_UNAVAILABLE,
            step=endpoint.name.lower(),
            detail=f"status {answer.status}",
        )


def _named(endpoint: str | None) -> str:
    """An endpoint that somebody has named, by setting or in the discovery document."""
    if endpoint is None:
        raise ProblemError(
            Problem.OAUTH_CONFIGURATION, Fault.DISCOVERY_INCOMPLETE, step="discovery"
        )
    return endpoint


def _verified(token: str, keys: Keys, typ: str | None) -> SignedToken:
    claims = jose.verify(token, keys, typ=typ)
    return SignedToken(str(jose.header_of(token)["alg"]), claims)


def _may_be_rotated(error: TokenError) -> bool:
    """Without a `kid`, a new key looks like a wrong signature."""
    if error.fault is TokenFault.KEY_UNKNOWN:
        return True
    return error.fault is TokenFault.SIGNATURE and error.kid is None


def _untrusted(error: TokenError) -> ProblemError:
    return ProblemError(
        Problem.OAUTH_CONFIGURATION,
        TOKEN_FAULTS.get(error.fault, Fault.ID_TOKEN_MALFORMED),
        step="id_token",
        detail=error.fault.value,
    )
