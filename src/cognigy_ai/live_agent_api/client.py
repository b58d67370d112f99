"""Live Agent's Platform API, called with the platform token.

The address comes from the operator. Raises ProblemError LIVE_AGENT_CONFIGURATION or
LIVE_AGENT_UNAVAILABLE with the precise fault; neither page nor log is told the token.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from cognigy_ai.live_agent_api.answers import (
    Said,
    account_of,
    read,
    refused,
    unanswered,
    unusable,
)
from cognigy_ai.live_agent_api.rules import ACTIVE, SUSPENDED, AccountView
from cognigy_ai.problems import LiveAgentFault
from cognigy_ai.settings import Settings
from kernel.outgoing import Answer, Outgoing, OutgoingError, Tls
from kernel.token_header import token_headers

ACCOUNTS = "/platform/api/v1/accounts"
PROBE = "/platform/api/v1/probe"
TIMEOUT_SECONDS = 10.0
UNKNOWN, OTHER_ORGANISATION = "account_unknown", "organisation_differs"

Call = Callable[[str, Mapping[str, str]], Awaitable[Answer]]


class LiveAgentApi:
    """One for each process; `close` it at the end."""

    def __init__(self, settings: Settings, outgoing: Outgoing | None = None) -> None:
        self._settings = settings
        self._outgoing = outgoing or Outgoing(
            Tls(ca_file=settings.ssl_ca_file), timeout_seconds=TIMEOUT_SECONDS
        )

    async def close(self) -> None:
        await self._outgoing.close()

    async def create_account(self, name: str, organisation_id: str, reference: str) -> AccountView:
        """The account of the organisation: a new one, or the one that it has already."""
        asked = {"name": name, "organisation_id": organisation_id}
        said = await self._ask(
            ACCOUNTS, reference, lambda url, headers: self._outgoing.post_json(url, asked, headers)
        )
        account = _account(said)
        if account.organisation_id != organisation_id:
            raise unusable(LiveAgentFault.NOT_LIVE_AGENT, "the account of another organisation")
        return account

    async def find_account(self, number: int, reference: str) -> AccountView | None:
        """The account with that number, or None."""
        path = f"{ACCOUNTS}/{number}"
        said = await self._ask(path, reference, self._outgoing.get_json)
        return None if said.code == UNKNOWN else _account(said)

    async def find_account_of(self, organisation_id: str, reference: str) -> AccountView | None:
        """The account that the organisation has in Live Agent, or None."""
        path = f"{ACCOUNTS}?{urlencode({'organisation_id': organisation_id})}"
        said = await self._ask(path, reference, self._outgoing.get_json)
        if said.code:
            raise refused(said)
        listed = said.members.get("accounts")
        if not isinstance(listed, list):
            raise unusable(LiveAgentFault.NOT_LIVE_AGENT, "no list of accounts in the answer")
        found = [account_of(members) for members in listed]
        return next((one for one in found if one.organisation_id == organisation_id), None)

    async def set_state(
        self, number: int, organisation_id: str, reference: str, *, suspended: bool
    ) -> str:
        """Suspend or resume; the code of Live Agent's refusal (unknown, another's), or ""."""
        status = SUSPENDED if suspended else ACTIVE
        asked = {"status": status, "organisation_id": organisation_id}
        said = await self._ask(
            f"{ACCOUNTS}/{number}",
            reference,
            lambda url, headers: self._outgoing.patch_json(url, asked, headers),
        )
        if said.code in (UNKNOWN, OTHER_ORGANISATION):
            return said.code
        if _account(said).suspended is not suspended:
            raise unusable(LiveAgentFault.NOT_LIVE_AGENT, "the state was not taken over")
        return ""

    async def probe(self, reference: str) -> Mapping[str, Any]:
        """What Live Agent says of itself; that it answers proves address and token."""
        said = await self._ask(PROBE, reference, self._outgoing.get_json)
        if said.code:
            raise refused(said)
        return said.members

    async def _ask(self, path: str, reference: str, call: Call) -> Said:
        base, token = self._settings.live_agent_api_url, self._token()
        if not base:
            raise unusable(LiveAgentFault.ADDRESS_UNSET)
        if not token:
            raise unusable(LiveAgentFault.TOKEN_UNSET)
        headers = {**token_headers(token), "X-Reference": reference}
        try:
            answer = await call(base + path, headers)
        except OutgoingError as error:
            raise unanswered(error) from error
        return read(answer)

    def _token(self) -> str:
        token = self._settings.cognigy_live_agent_platform_token
        return token.get_secret_value() if token is not None else ""


def _account(said: Said) -> AccountView:
    if said.code:
        raise refused(said)
    return account_of(said.members)
