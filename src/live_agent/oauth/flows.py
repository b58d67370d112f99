"""The cookies of logins under way; what they hold is decided in `rules.flow`."""

from starlette.requests import Request
from starlette.responses import Response

from kernel.opaque import new_secret
from kernel.web.site import site_of
from live_agent.oauth.rules import flow as rules
from live_agent.oauth.rules.flow import Flow

PREFIX = "flow_"
SEALED_FOR = "login-flow"


def new_flow(target: str | None, issuer: str, now: int, *, retry: bool) -> Flow:
    """Fresh secrets: state, nonce and verifier of 256 bits each (RFC 7636 section 7.1)."""
    return Flow(
        state=new_secret() + (rules.RETRY_SUFFIX if retry else ""),
        nonce=new_secret(),
        code_verifier=new_secret(),
        target=target,
        issuer=issuer,
        issued_at=now,
    )


def find_flow(request: Request, state: str) -> Flow | None:
    """The flow that this very browser began with that state, expired or not."""
    sealed = site_of(request).cookies.get(request, rules.cookie_name(state))
    flow = _opened(request, sealed) if sealed else None
    return flow if rules.belongs_to(flow, state) else None


def keep_flow(request: Request, response: Response, flow: Flow) -> None:
    """One more login under way; the oldest ones make room."""
    site = site_of(request)
    sealed = site.keyring.seal(SEALED_FOR, rules.to_json(flow))
    for name in rules.surplus(_ages(request), _sizes(request), len(sealed)):
        site.cookies.delete(response, PREFIX + name)
    site.cookies.set(response, rules.cookie_name(flow.state), sealed, rules.KEPT_SECONDS)


def forget_flow(request: Request, response: Response, state: str) -> None:
    """It has ended, one way or the other."""
    site_of(request).cookies.delete(response, rules.cookie_name(state))


def pending_retries(request: Request, now: int) -> int:
    """How many automatic restarts of this browser have not come back yet."""
    flows = [_opened(request, sealed) for sealed in _sealed(request).values()]
    return sum(1 for flow in flows if flow and flow.is_retry and not rules.is_expired(flow, now))


def has_begun(request: Request, now: int) -> bool:
    """Was a login begun in this browser within the last hour, expired or not?"""
    flows = [_opened(request, sealed) for sealed in _sealed(request).values()]
    return any(flow and now < flow.issued_at + rules.KEPT_SECONDS for flow in flows)


def _sealed(request: Request) -> dict[str, str]:
    return dict(site_of(request).cookies.named(request, PREFIX))


def _ages(request: Request) -> dict[str, int]:
    flows = {name: _opened(request, sealed) for name, sealed in _sealed(request).items()}
    return {name: flow.issued_at if flow else 0 for name, flow in flows.items()}


def _sizes(request: Request) -> dict[str, int]:
    return {name: len(sealed) for name, sealed in _sealed(request).items()}


def _opened(request: Request, sealed: str) -> Flow | None:
    return rules.from_json(site_of(request).keyring.open_sealed(SEALED_FOR, sealed))
