"""Who is in an organisation, as the platform says it to its client Live Agent.

The token is one of the client's own, bound to the one organisation (RFC 6749 section 4.4); only
Cognigy.AI has this list, and other providers answer that there is none.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

from kernel.clock import Clock
from kernel.outgoing import Answer, Outgoing, OutgoingError, Tls
from kernel.problems import ProblemError
from live_agent.cognigy_api.provider import Provider
from live_agent.settings import Settings

PEOPLE_PATH = "/v2.0/live-agent/people"
PERSON_PATH = "/v2.0/users"
NOBODY = "user_unknown"  # the platform's code; another 404 comes from somebody else
PROPOSALS_PATH = "/v2.0/live-agent/proposals"
PAGE = 500
MOST_PAGES = 2000  # a million people: a list that does not end is nonsense
NOT_OFFERED, REFUSED, UNREACHABLE, NONSENSE = "NOT_OFFERED", "REFUSED", "UNREACHABLE", "NONSENSE"


class Unanswered(Exception):  # noqa: N818 - what it is
    """`why` is one of the words above; the text is for the log."""

    def __init__(self, why: str, detail: str) -> None:
        super().__init__(detail)
        self.why = why


@dataclass(frozen=True, slots=True)
class Proposed:
    """Somebody who is to get an account; roles as the platform names them."""

    email: str
    name: str
    roles: tuple[str, ...]
    locale: str


class Directory:
    """One for each process; `close` it at the end."""

    def __init__(self, settings: Settings, clock: Clock, provider: Provider) -> None:
        self._base = settings.cognigy_oauth_site.removesuffix("/v2.0").rstrip("/")
        self._provider, self._clock = provider, clock
        self._outgoing = Outgoing(
            Tls(ca_file=settings.ssl_ca_file),
            timeout_seconds=settings.cognigy_oauth_timeout_seconds,
        )

    async def close(self) -> None:
        await self._outgoing.close()

    async def list_people(
        self, organisation_id: str, reference: str
    ) -> AsyncIterator[list[Mapping[str, Any]]]:
        """Everybody, in pages: what a login would say of each. Raises Unanswered."""
        token = await self._token(organisation_id, reference)
        headers = {"Authorization": f"Bearer {token}", "X-Reference": reference}
        asked: dict[str, str] = {"limit": str(PAGE)}
        for _ in range(MOST_PAGES):
            url = f"{self._base}{PEOPLE_PATH}?{urlencode(asked)}"
            try:
                answer = await self._outgoing.get_json(url, headers)
                members = _members(answer)
            except OutgoingError as error:
                raise _unanswered(error) from error
            items = members.get("items")
            if not isinstance(items, list) or not all(isinstance(one, dict) for one in items):
                raise Unanswered(NONSENSE, "there is no list of people in the answer")
            yield items
            following = members.get("nextCursor")
            if following is None:
                return
            asked["next"] = str(following)
        raise Unanswered(NONSENSE, "the list does not end")

    async def find_person(
        self, organisation_id: str, subject: str, reference: str
    ) -> Mapping[str, Any] | None:
        """One person of the organisation; None: there is no such one. Raises Unanswered."""
        token = await self._token(organisation_id, reference)
        headers = {"Authorization": f"Bearer {token}", "X-Reference": reference}
        url = f"{self._base}{PERSON_PATH}/{quote(subject, safe='')}"
        try:
            answer = await self._outgoing.get_json(url, headers)
            if answer.status == HTTPStatus.NOT_FOUND and answer.json().get("code") == NOBODY:
                return None
            return _members(answer)
        except OutgoingError as error:
            raise _unanswered(error) from error

    async def propose(
        self,
        organisation_id: str,
        proposal_id: str,
        proposed_by: str,
        people: Sequence[Proposed],
        reference: str,
    ) -> None:
        """Ask for these people; the same id again is taken once. Raises Unanswered."""
        token = await self._token(organisation_id, reference)
        headers = {"Authorization": f"Bearer {token}", "X-Reference": reference}
        body = {
            "id": proposal_id,
            "proposedBy": proposed_by,
            "people": [asdict(one) for one in people],
        }
        try:
            _members(await self._outgoing.post_json(f"{self._base}{PROPOSALS_PATH}", body, headers))
        except OutgoingError as error:
            raise _unanswered(error) from error

    async def find_proposal(
        self, organisation_id: str, proposal_id: str, reference: str
    ) -> str | None:
        """How far the organisation is with it; None if it was discarded. Raises Unanswered."""
        token = await self._token(organisation_id, reference)
        headers = {"Authorization": f"Bearer {token}", "X-Reference": reference}
        url = f"{self._base}{PROPOSALS_PATH}/{proposal_id}"
        try:
            answer = await self._outgoing.get_json(url, headers)
            if answer.status == HTTPStatus.NOT_FOUND:
                return None
            return str(_members(answer).get("state"))
        except OutgoingError as error:
            raise _unanswered(error) from error

    async def _token(self, organisation_id: str, reference: str) -> str:
        scope = f"organisationId={organisation_id}"
        try:
            reply = await self._provider.client_credentials(scope, reference, self._clock.now())
        except ProblemError as error:
            detail = error.fault.code if error.fault else error.problem.code
            raise Unanswered(UNREACHABLE, detail) from error
        token = reply.members.get("access_token")
        if reply.status == HTTPStatus.OK and isinstance(token, str):
            return token
        detail = f"token endpoint: {reply.status} {reply.members.get('error')!r}"
        refused = HTTPStatus.BAD_REQUEST <= reply.status < HTTPStatus.INTERNAL_SERVER_ERROR
        raise Unanswered(REFUSED if refused else UNREACHABLE, detail)


def _members(answer: Answer) -> Mapping[str, Any]:
    if answer.status in (HTTPStatus.OK, HTTPStatus.CREATED):
        return answer.json()
    if answer.status in (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED):
        raise Unanswered(NOT_OFFERED, f"status {answer.status}")
    if answer.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        raise Unanswered(REFUSED, f"status {answer.status}")
    raise Unanswered(UNREACHABLE, f"status {answer.status}")


def _unanswered(error: OutgoingError) -> Unanswered:
    nonsense = error.kind.name in ("NOT_JSON", "TOO_LARGE")
    return Unanswered(NONSENSE if nonsense else UNREACHABLE, str(error))
