"""The login under way, in one sealed cookie: worth something in this browser, for this request."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from cognigy_ai.sessions.steps import LIFETIME_SECONDS, Candidate, Entry, EntryStep
from cognigy_ai.state import state_of
from kernel.opaque import fingerprint, same
from kernel.web.site import browser_of

COOKIE = "entry"
SEALED_FOR = "login-entry/2"


def keep(
    request: Request, response: Response, given: Mapping[str, str], entry: Entry, now: int
) -> None:
    """Ten minutes from the password on, however many steps there are."""
    state = state_of(request)
    value = _written(entry) | {"browser": _browser(request), "asked": _asked(given)}
    left = max(1, entry.began_at + LIFETIME_SECONDS - now)
    state.site.cookies.set(response, COOKIE, state.keyring.seal(SEALED_FOR, value), left)


def forget(request: Request, response: Response) -> None:
    """The login is done, or over."""
    cookies = state_of(request).site.cookies
    if cookies.get(request, COOKIE) is not None:
        cookies.delete(response, COOKIE)


def find(request: Request, given: Mapping[str, str], now: int) -> Entry | None:
    """None for one that is too old, of another browser, or made for another request."""
    state = state_of(request)
    text = state.site.cookies.get(request, COOKIE)
    value = state.keyring.open_sealed(SEALED_FOR, text) if text else None
    if not isinstance(value, dict) or not same(value["browser"], _browser(request)):
        return None
    if not same(value["asked"], _asked(given)):
        return None
    entry = _read(value)
    return None if entry.is_over(now) else entry


def _browser(request: Request) -> str:
    return fingerprint(browser_of(request))


def _asked(given: Mapping[str, str]) -> str:
    """A password that was typed for one request proves nothing for another one."""
    return fingerprint(urlencode(sorted(given.items())))


def _written(entry: Entry) -> dict[str, Any]:
    return {
        "candidates": [[c.user_id, c.digest_mark, c.access_revision] for c in entry.candidates],
        "keep": entry.keep_signed_in,
        "at": entry.began_at,
        "nonce": entry.nonce,
        "amr": entry.amr,
        "passed": [step.value for step in entry.passed],
        "secret": entry.secret,
        "codes": entry.recovery_codes,
    }


def _read(value: Mapping[str, Any]) -> Entry:
    return Entry(
        candidates=tuple(Candidate(*each) for each in value["candidates"]),
        keep_signed_in=bool(value["keep"]),
        began_at=int(value["at"]),
        nonce=str(value["nonce"]),
        amr=tuple(value["amr"]),
        passed=tuple(EntryStep(name) for name in value["passed"]),
        secret=str(value["secret"]),
        recovery_codes=tuple(value["codes"]),
    )
