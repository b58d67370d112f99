"""What a user is, and what may be entered."""

from dataclasses import dataclass

LONGEST_NAME = 200
LOCALES = ("en", "de", "ja")
LINK_LIFETIME_SECONDS = 24 * 3600
NEW_USER_COLUMNS = (
    "id", "organisation_id", "email", "email_key", "email_verified", "name", "name_key", "locale",
    "password_digest", "password_changed_at", "access_revision", "created_at", "created_by",
)  # fmt: skip
NO_ROLES: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class User:
    """A person in one organisation, with everything that an ID token says of them."""

    id: str
    organisation_id: str
    organisation_name: str
    email: str
    email_verified: bool
    name: str
    locale: str
    roles: tuple[str, ...]
    access_revision: int
    disabled: bool
    suspended: bool  # the organisation is

    @property
    def may_log_in(self) -> bool:
        return not (self.disabled or self.suspended)


@dataclass(frozen=True, slots=True)
class Credentials:
    """A user whom somebody tries to be."""

    user: User
    password_digest: str | None


@dataclass(frozen=True, slots=True)
class NewUser:
    """What a user is made from."""

    organisation_id: str
    email: str
    name: str
    roles: tuple[str, ...] = NO_ROLES
    email_verified: bool = False
    locale: str = "en"
    password_digest: str | None = None


def is_name(text: str) -> bool:
    """Fit to be shown: not blank, not too long, one line."""
    return bool(text.strip()) and len(text) <= LONGEST_NAME and text.isprintable()


def parse_roles(joined: str | None) -> tuple[str, ...]:
    """Roles as one column holds them, joined by commas."""
    return tuple(sorted(joined.split(","))) if joined else ()
