"""Everything that one process of the platform is made of; built once by `build_app`."""

from dataclasses import dataclass
from typing import cast

from starlette.requests import Request

from cognigy_ai.clients.actions import ClientRegistry
from cognigy_ai.clients.secret_uses import SecretUses
from cognigy_ai.imports.worker import Importer
from cognigy_ai.keys.actions import KeyStore
from cognigy_ai.live_agent.actions import LiveAgent
from cognigy_ai.sessions.login import LoginMeans
from cognigy_ai.settings import Settings
from cognigy_ai.signals.sender import Sender
from cognigy_ai.signals.sending import Transmitter
from cognigy_ai.users.mail_limits import MailLimits
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


@dataclass(frozen=True, slots=True)
class State:
    """What routes reach for; `app.state` has the same members one by one."""

    settings: Settings
    database: Database
    clock: Clock
    keyring: KeyRing
    passwords: Passwords
    locks: Locks
    mail_limits: MailLimits
    outbox: Outbox
    courier: Courier
    transmitter: Transmitter
    signals: Sender
    keys: KeyStore
    clients: ClientRegistry
    secret_uses: SecretUses
    login: LoginMeans
    live_agent: LiveAgent
    importer: Importer
    site: Site
    metrics: Metrics
    life: Life
    bus: Bus
    api_requests: RateLimiter  # of each credential
    api_refusals: RateLimiter  # of each network whose credentials are refused


def state_of(request: Request) -> State:
    """The state of the application that serves this request."""
    return cast("State", request.app.state.all)
