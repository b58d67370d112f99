"""What a session and a login are."""

from dataclasses import dataclass, field

from cognigy_ai.users.rules import User
from kernel.devices import Device

LONGEST_USER_AGENT = 300
# Authentication method references (RFC 8176).
PASSWORD = "pwd"  # noqa: S105 - a reference
OTP = "otp"
MFA = "mfa"
WITH_ONE_TIME_PASSWORD = (PASSWORD, OTP, MFA)
WITH_RECOVERY_CODE = (PASSWORD, MFA)


@dataclass(frozen=True, slots=True)
class Session:
    """A browser in which a person is signed in. `id` is the `sid` claim, not the secret."""

    id: str
    user: User
    auth_time: int
    amr: tuple[str, ...]
    expires_at: int
    seen_at: int = field(default=0, compare=False)  # 0: was begun in this request


@dataclass(frozen=True, slots=True)
class PastLogin:
    """A session as its person looks at it: one that goes on, or one that is over."""

    id: str
    user_agent: str
    amr: tuple[str, ...]
    began_at: int
    seen_at: int
    expires_at: int
    ended_at: int | None

    def goes_on(self, now: int) -> bool:
        return self.ended_at is None and now < self.expires_at


@dataclass(frozen=True, slots=True)
class RefusedLogin:
    """Somebody tried to sign in as this person, and was refused."""

    at: int
    device: Device
    because: str  # a code, as the audit event has it


@dataclass(frozen=True, slots=True)
class Arrival:
    """The browser, as it speaks of itself; cookies are as it sent them."""

    client_address: str = ""
    user_agent: str = ""
    known_browser: str | None = field(default=None, repr=False)
    old_session: str | None = field(default=None, repr=False)
    reference: str | None = None


NO_ARRIVAL = Arrival()


@dataclass(frozen=True, slots=True)
class LoginAttempt:
    """What somebody typed, and from where. Cookies are as the browser sent them."""

    email: str
    password: str = field(repr=False)
    organisation_id: str | None = None
    keep_signed_in: bool = False
    client_address: str = ""
    user_agent: str = ""
    known_browser: str | None = field(default=None, repr=False)
    old_session: str | None = field(default=None, repr=False)
    reference: str | None = None

    @property
    def arrival(self) -> Arrival:
        """The attempt without what was typed."""
        return Arrival(
            self.client_address,
            self.user_agent,
            self.known_browser,
            self.old_session,
            self.reference,
        )


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """What the browser is given. `lifetime` in seconds; `kept`: also past the browser's end."""

    secret: str = field(repr=False)
    session: Session
    lifetime: int
    kept: bool
    known_browser: str = field(repr=False)
