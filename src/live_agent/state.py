"""What every route of Live Agent works with; made once by `build_app`."""

from dataclasses import dataclass
from typing import cast

from starlette.requests import Request

from kernel.bus import Bus
from kernel.clock import Clock
from kernel.courier import Courier
from kernel.db import Database
from kernel.keyring import KeyRing
from kernel.life import Life
from kernel.metrics import Metrics
from kernel.outbox import Outbox
from kernel.passwords import Passwords
from kernel.throttle import Locks
from kernel.web.api.limits import RateLimiter
from kernel.web.site import Site
from live_agent.api_tokens.owners import Owners
from live_agent.cognigy_api.provider import Provider
from live_agent.doctor.checkups import Checkups
from live_agent.platform_people.actions import Readings
from live_agent.sessions.streams import Streams
from live_agent.settings import Settings
from live_agent.signals.recheck import Rechecks


@dataclass(frozen=True, slots=True)
class State:
    """One application: its settings, its database and its tools."""

    settings: Settings
    database: Database
    clock: Clock
    keyring: KeyRing
    passwords: Passwords
    locks: Locks
    outbox: Outbox
    courier: Courier
    provider: Provider
    rechecks: Rechecks
    readings: Readings
    streams: Streams
    site: Site
    metrics: Metrics
    life: Life
    bus: Bus
    owners: Owners  # of API tokens
    checkups: Checkups
    look_ups: RateLimiter  # of logins, by the administrators of each account
    api_requests: RateLimiter  # of each API token
    api_refusals: RateLimiter  # of each network whose tokens are refused


def state_of(request: Request) -> State:
    """The application that serves this request."""
    return cast("State", request.app.state.all)
