"""What each operation may cost. CPU milliseconds of our own processes per finished operation."""

from dataclasses import dataclass

ENGINES = ("postgresql", "sqlite")


@dataclass(frozen=True)
class Aim:
    """At a concurrency; `above_argon2`: on top of one argon2id verification on this machine."""

    cpu_ms: float
    above_argon2: bool = False

    def limit(self, argon2_ms: float) -> float:
        return self.cpu_ms + (argon2_ms if self.above_argon2 else 0)


_ANYWHERE = {
    "refresh": 0.4,
    "introspect": 0.2,
    "client_credentials": 0.25,
    "userinfo": 0.2,
    "discovery": 0.1,
    "desk_request": 0.1,
}

AIMS: dict[tuple[str, str, int], Aim] = {
    ("sso", "postgresql", 1): Aim(2.0),
    ("sso", "postgresql", 16): Aim(1.5),
    ("sso", "sqlite", 16): Aim(1.5),
    ("whole_login", "postgresql", 1): Aim(3.0),
    ("whole_login", "postgresql", 16): Aim(3.0),
    **{
        (operation, engine, concurrency): Aim(cpu_ms)
        for operation, cpu_ms in _ANYWHERE.items()
        for engine in ENGINES
        for concurrency in (1, 16)
    },
    **{
        ("password_login", engine, concurrency): Aim(2.0, above_argon2=True)
        for engine in ENGINES
        for concurrency in (1, 16)
    },
}

IDLE_MB = 100.0
GROWTH_MB = 10.0
