"""What a login is done with."""

from dataclasses import dataclass

from cognigy_ai.settings import Settings
from kernel.clock import Clock
from kernel.db import Database
from kernel.keyring import KeyRing
from kernel.passwords import Passwords
from kernel.throttle import Locks

SYSTEM = "ai"


@dataclass(frozen=True, slots=True)
class LoginMeans:
    """Made once by `build_app`."""

    settings: Settings
    database: Database
    clock: Clock
    keyring: KeyRing
    passwords: Passwords
    locks: Locks
