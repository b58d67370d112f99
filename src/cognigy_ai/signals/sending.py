"""One signal to one receiver: what is signed, where it goes, and what the answer means."""

import asyncio

from cognigy_ai.clients import actions as clients
from cognigy_ai.clients.rules import Client
from cognigy_ai.keys.actions import KeyStore
from cognigy_ai.settings import Settings
from cognigy_ai.signals import rules, store
from cognigy_ai.signals.rules import Kind, Signal, State, Verdict
from kernel import jose
from kernel.clock import Clock
from kernel.db import Database
from kernel.opaque import reference_of
from kernel.outgoing import Outgoing, OutgoingError, Tls

EVENTS = "/omniauth/cognigy/events"
EVENT_TYPE, EVENT_TYP = "application/secevent+jwt", "secevent+jwt"
LOGOUT_TYP = "logout+jwt"
TIMEOUT_SECONDS = 5.0
SEND_SECONDS = 6.0  # with the signature and all; ends before the lease does
FEATURE_OFF = "the login of Live Agent is switched off"
NO_ADDRESS = "COGNIGY_LIVE_AGENT_API_BASE_URL_WITH_PROTOCOL is missing"
NO_CLIENT = "the application has no back-channel any more"
PERSON_GONE = "the person is deleted"


def events_url(settings: Settings) -> str | None:
    """Where Live Agent takes events; None if no setting says so."""
    base = settings.live_agent_api_url
    redirect_uri = settings.redirect_uri_cognigy_live_agent or ""
    if base is None and redirect_uri.endswith(clients.CALLBACK):
        base = redirect_uri.removesuffix(clients.CALLBACK)
    return None if base is None else base + EVENTS


class Transmitter:
    """One for each process; `close` it at the end."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        keys: KeyStore,
        clock: Clock,
        outgoing: Outgoing | None = None,
    ) -> None:
        self._settings, self._database = settings, database
        self._keys, self._clock = keys, clock
        self._outgoing = outgoing or Outgoing(
            Tls(ca_file=settings.ssl_ca_file), timeout_seconds=TIMEOUT_SECONDS
        )

    async def close(self) -> None:
        await self._outgoing.close()

    async def send(self, signal: Signal) -> Verdict:
        """Try once. Raises OutgoingError or TimeoutError if nobody answered."""
        async with asyncio.timeout(SEND_SECONDS):
            if signal.kind is Kind.LOGOUT:
                return await self._send_logout(signal)
            return await self._send_event(signal)

    async def _send_event(self, signal: Signal) -> Verdict:
        live_agent = clients.live_agent_client(self._settings)
        if live_agent is None:
            return Verdict(State.DROPPED, FEATURE_OFF)
        url = events_url(self._settings)
        if url is None:
            return Verdict(State.WAITING, NO_ADDRESS)
        person = None
        if signal.kind is Kind.CLAIMS_CHANGED and signal.user_id is not None:
            person = await store.find_person(self._database, signal.user_id)
            if person is None:
                return Verdict(State.DROPPED, PERSON_GONE)  # which is told by the next signal
        issuer, audience = self._settings.issuer, live_agent.client_id
        claims = rules.event_claims(signal, person, issuer, audience)
        token = await self._signed(live_agent, claims, EVENT_TYP)
        answer = await self._outgoing.post_text(
            url, token, EVENT_TYPE, {"X-Reference": reference_of(signal.id)}
        )
        return rules.judge_event(answer.status, answer.body, signal.attempts)

    async def _send_logout(self, signal: Signal) -> Verdict:
        client = await clients.find(self._database, signal.receiver)
        if client is None or client.disabled or client.backchannel_logout_uri is None:
            return Verdict(State.DROPPED, NO_CLIENT)
        claims = rules.logout_claims(signal, self._settings.issuer, self._clock.now())
        token = await self._signed(client, claims, LOGOUT_TYP)
        answer = await self._outgoing.post_form(
            client.backchannel_logout_uri, {"logout_token": token}
        )
        return rules.judge_logout(answer.status)

    async def _signed(self, client: Client, claims: dict[str, object], typ: str) -> str:
        key = await self._keys.signing_key(client.id_token_alg, self._clock.now())
        return jose.sign(key, claims, typ)


__all__ = ["OutgoingError", "Transmitter", "events_url"]
