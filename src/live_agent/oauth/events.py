"""POST /omniauth/cognigy/events: a security event token is pushed here (RFC 8935).

The signature says who sent it; no other credential is asked for. What cannot be judged because a
side is down, or its clock wrong, is answered 503, so that the transmitter keeps it.
"""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from kernel.log import get_logger
from kernel.metrics import counter
from kernel.problems import FaultCatalogue, ProblemError
from kernel.web.forms import FormError, read_body
from kernel.web.guards import ProtocolGuard
from kernel.web.site import reference_of_request
from live_agent.audit import actions as audit
from live_agent.problems import Fault as ConfigurationFault
from live_agent.sessions import ends
from live_agent.signals import actions as signals
from live_agent.signals.rules import event as rules
from live_agent.signals.rules.event import Early, Expected, Fault, Rejected, Signal
from live_agent.state import state_of

log = get_logger(__name__)

MEDIA_TYPE = "application/secevent+jwt"
TYP = "secevent+jwt"
# What is wrong with the token, and not with the way to the provider's keys.
TOKEN_FAULTS: dict[FaultCatalogue | None, Fault] = {
    ConfigurationFault.KEY_NOT_FOUND: Fault.INVALID_KEY,
    ConfigurationFault.ALGORITHM_NOT_ALLOWED: Fault.INVALID_KEY,
    ConfigurationFault.SIGNATURE_INVALID: Fault.AUTHENTICATION_FAILED,
    ConfigurationFault.ID_TOKEN_MALFORMED: Fault.INVALID_REQUEST,
}

EVENTS = ProtocolGuard()
SIGNALS = counter(
    "live_agent_signals_total",
    "Security events that the platform pushed: `accepted`, `rejected` with the code of RFC 8935 as "
    "`fault`, or `not_judged` because a side was down, or our clock behind: it is sent again.",
    "outcome",
    "fault",
)


async def post_event(request: Request) -> Response:
    """Believe it or say why not; then apply it, once."""
    state = state_of(request)
    now = state.clock.now()
    try:
        token = (await read_body(request, MEDIA_TYPE)).decode("ascii").strip()
        signed = await state.provider.verify(token, TYP)
    except (FormError, UnicodeDecodeError):
        return _rejected(request, Rejected(Fault.INVALID_REQUEST, f"the body is not {MEDIA_TYPE}"))
    except ProblemError as error:
        fault = TOKEN_FAULTS.get(error.fault)
        if fault is None:
            return _not_judged(request, error.fault.code if error.fault else error.problem.code)
        return _rejected(request, Rejected(fault, "the token is not signed by the issuer"))
    expected = Expected(
        issuer=state.settings.issuer,
        audience=state.settings.cognigy_oauth_client_id,
        skew=state.settings.cognigy_oauth_clock_skew_seconds,
    )
    signal = rules.read(signed.claims, expected, now)
    if isinstance(signal, Early):
        return _not_judged(request, "the clock here is behind the issuer's")
    if isinstance(signal, Rejected):
        return _rejected(request, signal)
    audit.set_actor(audit.Actor(audit.PLATFORM))
    await _apply(request, signal, now)
    state.metrics.count(SIGNALS, "accepted", "")
    return Response(status_code=202, headers={"cache-control": "no-store"})


async def _apply(request: Request, signal: Signal, now: int) -> None:
    """Once; then how long it took since the change, if the platform says when that was."""
    state, reference = state_of(request), reference_of_request(request)
    terms = signals.terms_of(state.settings)
    await signals.apply(state.database, signal, terms, reference, now)
    if signal.changed_ms is not None:
        changed_ms, at_ms = signal.changed_ms, state.clock.milliseconds()
        await ends.note_ended(state.database, state.metrics, reference, changed_ms, at_ms)


def _not_judged(request: Request, cause: str) -> Response:
    log.warning("signal.not_judged", cause=cause, reference=reference_of_request(request))
    state_of(request).metrics.count(SIGNALS, "not_judged", "")
    return Response(status_code=503, headers={"retry-after": "5"})


def _rejected(request: Request, why: Rejected) -> Response:
    """RFC 8935 section 2.3: the transmitter reads the code, its operator the description."""
    log.warning(
        "signal.rejected",
        fault=why.fault.value,
        description=why.description,
        reference=reference_of_request(request),
    )
    state_of(request).metrics.count(SIGNALS, "rejected", why.fault.value)
    body = {"err": why.fault.value, "description": why.description}
    headers = {"cache-control": "no-store", "content-language": "en"}
    return JSONResponse(body, 400, headers)
