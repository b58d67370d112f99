"""What a session and a login are."""

from dataclasses import dataclass, field

from cognigy_ai.users.rules import User

LONGEST_USER_AGENT = 300
PASSWORD = "pwd"  # noqa: S105 - the authentication method reference of RFC 8176


@dataclass(frozen=True, slots=True)
class Session:
    """A browser in which a person is signed in. `id` is the `sid` claim, not the secret."""

    id: str
    user: User
    auth_time: int
    amr: tuple[str, ...]
    expires_at: int


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


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """What the browser is given. `lifetime` in seconds; `kept`: also past the browser's end."""

    secret: str = field(repr=False)
    session: Session
    lifetime: int
    kept: bool
    known_browser: str = field(repr=False)
