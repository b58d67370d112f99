"""What is asked of the provider, as the login does it, and of the platform beyond that."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from kernel import certificates
from kernel.clock import Clock
from kernel.opaque import derive, new_reference, new_secret
from kernel.outgoing import Answer, Failure, Outgoing, OutgoingError, Tls, basic, date_offset
from kernel.token_header import token_headers
from live_agent.cognigy_api.discovery import well_known_url
from live_agent.doctor.rules import facts as names
from live_agent.doctor.rules.facts import AccountSeen, Call, Facts
from live_agent.doctor.rules.pairs import PLATFORM_SECRET, PLATFORM_TOKEN, PREVIOUS
from live_agent.doctor.rules.places import Place, live_agent
from live_agent.doctor.rules.reach import NOT_ASKED, UNAVAILABLE
from live_agent.doctor.rules.sides import TOKEN, Side, site_of
from live_agent.settings import Settings

WAY_BACK_SECONDS = 15  # the platform itself waits ten for Live Agent
PURPOSE = "doctor"
PROBE, STORY = "/auth/oauth2/probe", "/auth/oauth2/story"
BUSY = (429, 503)
TLS_FAILURES = frozenset({Failure.TLS_UNTRUSTED, Failure.TLS_EXPIRED, Failure.TLS_HOSTNAME})
SITE, ISSUER = live_agent("COGNIGY_OAUTH_SITE"), live_agent("COGNIGY_OAUTH_ISSUER")
TOKEN_URL, JWKS_URL = live_agent("COGNIGY_OAUTH_TOKEN_URL"), live_agent("COGNIGY_OAUTH_JWKS_URL")


@dataclass(frozen=True, slots=True)
class Credential:
    """What opens the probe: a header, or members of the form."""

    headers: Mapping[str, str]
    form: Mapping[str, str]


def side_of(settings: Settings) -> Side:
    """Live Agent's values by environment key. Secrets stand for themselves: they stay here."""
    values, secrets = {}, {}
    for name, field in type(settings).model_fields.items():
        value, key = getattr(settings, name), str(field.validation_alias)
        if isinstance(value, SecretStr):
            secrets[key] = value.get_secret_value()
        elif isinstance(value, str):
            values[key] = value
    return Side(values, secrets)


class Lines:
    """The connections for all rounds of a process or a command; `close` them at its end."""

    def __init__(self, settings: Settings) -> None:
        tls = Tls(ca_file=settings.ssl_ca_file)
        seconds = settings.cognigy_oauth_timeout_seconds
        self.usual = Outgoing(tls, timeout_seconds=seconds)
        self.patient = Outgoing(tls, timeout_seconds=max(seconds, WAY_BACK_SECONDS))

    async def close(self) -> None:
        await self.usual.close()
        await self.patient.close()


class Questions:
    """One round of questions."""

    def __init__(self, settings: Settings, clock: Clock, lines: Lines) -> None:
        self._settings, self._clock, self._lines = settings, clock, lines
        self._here = side_of(settings)
        self._reference = new_reference()

    async def ask(
        self, accounts: Sequence[AccountSeen] | None, *, one_account: bool = False
    ) -> Facts:
        """Everything, at once where nothing depends on an earlier answer."""
        discovery = await self._discover()
        token, jwks, (probe, refused, opened) = await asyncio.gather(
            self._use_client(discovery),
            self._read_keys(discovery),
            self._probe(accounts or (), one_account=one_account),
        )
        way_back = None
        if opened is not None and probe is not None:
            way_back = await self._call(
                names.PROBE, probe.url, probe.places, opened, form={"way_back": "true"}
            )
        return Facts(
            here=self._here,
            issuer=self._settings.issuer,
            skew=self._settings.cognigy_oauth_clock_skew_seconds,
            discovery=discovery,
            token=token,
            jwks=jwks,
            probe=probe,
            token_refused=refused,
            way_back=way_back,
            accounts=None if accounts is None else tuple(accounts),
            one_account=one_account,
        )

    async def story(self, reference: str, organisation: str | None) -> Call | None:
        """The platform's events of one login; None if it does not answer that."""
        form = {"reference": reference} | ({"organisation": organisation} if organisation else {})
        for url, places in self._probe_urls():
            for credential in self._credentials():
                address = url.removesuffix(PROBE) + STORY
                call = await self._call(names.PROBE, address, places, credential, form)
                if call.answered and call.status == 200:  # noqa: PLR2004
                    return call
                if not call.answered:
                    break  # another credential does not help
        return None

    # --- as every client does -------------------------------------------------------------------

    async def _discover(self) -> Call:
        place = ISSUER if self._settings.cognigy_oauth_issuer else SITE
        url = well_known_url(self._settings.issuer)
        return await self._get(names.DISCOVERY, url, (place,))

    async def _use_client(self, discovery: Call) -> Call:
        """A grant that is refused for its scope, after id and secret were looked at."""
        given = self._settings.cognigy_oauth_token_url
        url = given or str(discovery.members.get("token_endpoint") or "")
        places = (TOKEN_URL,) if given else (SITE,)
        if not url:  # said already: discovery failed
            return Call(names.TOKEN_ENDPOINT, url, places, NOT_ASKED)
        credential = self._as_client()
        if self._settings.cognigy_oauth_client_auth == "client_secret_basic":
            pair = (credential.form["client_id"], credential.form["client_secret"])
            credential = Credential({"Authorization": basic(*pair)}, {})
        form = {"grant_type": "client_credentials", "scope": "openid"}
        return await self._call(names.TOKEN_ENDPOINT, url, places, credential, form)

    async def _read_keys(self, discovery: Call) -> Call | None:
        given = self._settings.cognigy_oauth_jwks_url
        url = given or str(discovery.members.get("jwks_uri") or "")
        if not url or not self._settings.uses_id_token:
            return None
        return await self._get(names.JWKS, url, (JWKS_URL if given else SITE,))

    # --- as only the doctor does ----------------------------------------------------------------

    async def _probe(
        self, accounts: Sequence[AccountSeen], *, one_account: bool
    ) -> tuple[Call | None, bool, Credential | None]:
        """The answer that opened, or the last one; was the platform token refused?; what opened."""
        refused, call = False, None
        form = self._probe_form(accounts, one_account=one_account)
        for url, places in self._probe_urls():
            for credential in self._credentials():
                call = await self._call(names.PROBE, url, places, credential, form)
                if call.answered and call.status == 200:  # noqa: PLR2004
                    return call, refused, credential
                refused = refused or call.error == "invalid_token"
                if not call.answered:
                    break  # another credential does not help
        return call, refused, None

    def _probe_urls(self) -> list[tuple[str, tuple[Place, ...]]]:
        """The API's address as it is written twice; secrets go to no other one."""
        found = {site_of(self._here) + PROBE: [SITE]}
        token_url = self._settings.cognigy_oauth_token_url or ""
        if token_url.endswith(TOKEN):
            found.setdefault(token_url.removesuffix(TOKEN) + PROBE, []).append(TOKEN_URL)
        return [(url, tuple(places)) for url, places in found.items()]

    def _probe_form(self, accounts: Sequence[AccountSeen], *, one_account: bool) -> dict[str, str]:
        nonce = new_secret()

        def keyed(*secrets: SecretStr | None) -> str:
            given = (secret.get_secret_value() for secret in secrets if secret is not None)
            return " ".join(derive(nonce.encode(), PURPOSE, secret) for secret in given)

        settings = self._settings
        form = {
            "nonce": nonce,
            "organisations": " ".join(account.organisation for account in accounts),
            "organisations_only": "true" if one_account else "",
            PLATFORM_SECRET.lower(): keyed(settings.cognigy_oauth_client_secret),
            (PLATFORM_SECRET + PREVIOUS).lower(): keyed(settings.cognigy_oauth_client_secret),
            PLATFORM_TOKEN.lower(): keyed(
                settings.cognigy_platform_app_token, settings.cognigy_platform_app_token_previous
            ),
        }
        return {name: value for name, value in form.items() if value}

    def _credentials(self) -> list[Credential]:
        token = self._settings.cognigy_platform_app_token
        if token is None:
            return [self._as_client()]
        return [Credential(token_headers(token.get_secret_value()), {}), self._as_client()]

    def _as_client(self) -> Credential:
        secret = self._settings.cognigy_oauth_client_secret.get_secret_value()
        client_id = self._settings.cognigy_oauth_client_id
        return Credential({}, {"client_id": client_id, "client_secret": secret})

    # --- calls ----------------------------------------------------------------------------------

    async def _get(self, endpoint: str, url: str, places: tuple[Place, ...]) -> Call:
        began = self._clock.now()
        try:
            answer = await self._lines.usual.get_json(url, {"X-Reference": self._reference})
            if answer.status in BUSY:
                return Call(endpoint, url, places, UNAVAILABLE, status=answer.status)
            if answer.status != 200:  # noqa: PLR2004
                raise OutgoingError(Failure.NOT_JSON, f"status {answer.status}")
            return self._answered(endpoint, url, places, answer, began)
        except OutgoingError as error:
            return await self._failed(endpoint, url, places, error)

    async def _call(
        self,
        endpoint: str,
        url: str,
        places: tuple[Place, ...],
        credential: Credential,
        form: Mapping[str, str],
    ) -> Call:
        headers = {"X-Reference": self._reference, **credential.headers}
        outgoing = self._lines.patient if "way_back" in form else self._lines.usual
        began = self._clock.now()
        try:
            answer = await outgoing.post_form(url, {**form, **credential.form}, None, headers)
            if answer.status == 503:  # noqa: PLR2004
                return Call(endpoint, url, places, UNAVAILABLE, status=answer.status)
            return self._answered(endpoint, url, places, answer, began)
        except OutgoingError as error:
            return await self._failed(endpoint, url, places, error)

    def _answered(
        self, endpoint: str, url: str, places: tuple[Place, ...], answer: Answer, began: int
    ) -> Call:
        members: dict[str, Any] = answer.json()
        now = members.get("now")
        # The other clock was read at some time between question and answer.
        middle = (began + self._clock.now()) // 2
        offset = now - middle if isinstance(now, int) else date_offset(answer, middle)
        return Call(
            endpoint, url, places, status=answer.status, members=members, clock_offset=offset
        )

    async def _failed(
        self, endpoint: str, url: str, places: tuple[Place, ...], error: OutgoingError
    ) -> Call:
        told = await self._bad_certificate(url, error.kind) if error.kind in TLS_FAILURES else ""
        return Call(endpoint, url, places, error.kind.value, error.detail, told)

    async def _bad_certificate(self, url: str, failure: Failure) -> str:
        parts = urlsplit(url)
        chain = await certificates.presented(parts.hostname or "", parts.port or 443)
        return certificates.what_is_wrong(chain, failure.value, self._clock.now())
