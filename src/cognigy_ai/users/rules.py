"""What a user is, and what may be entered."""

import re
from dataclasses import dataclass

from cognigy_ai.roles.rules import ADMIN
from kernel.words import search_words, sort_key

LONGEST_NAME = 200
USER_ID = re.compile(r"[0-9a-f]{24}")
LOCALES = ("en", "de", "ja")
# What a link that sets a password is for, and for how many seconds it can be used.
INVITATION, RESET, HANDED_OVER = "invitation", "reset", "handed_over"
LINK_LIFETIMES = {INVITATION: 7 * 24 * 3600, RESET: 30 * 60, HANDED_OVER: 24 * 3600}
EMAIL_CHANGE_SECONDS = 24 * 3600
NEW_USER_COLUMNS = (
    "id", "organisation_id", "email", "email_key", "email_verified", "name", "name_key", "keyed_as",
    "locale", "password_digest", "password_changed_at", "must_change_password", "access_revision",
    "created_at", "created_by",
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
class Keys:
    """What a person is sorted and found by; made of the name and the address by `of`."""

    user_id: str
    organisation_id: str
    name: str
    email: str
    name_key: str
    words: tuple[str, ...]

    @classmethod
    def of(cls, user_id: str, organisation_id: str, name: str, email: str) -> "Keys":
        words = tuple(sorted(search_words(name, email)))
        return cls(user_id, organisation_id, name, email, sort_key(name), words)

    @property
    def keyed_as(self) -> str:
        """As the database puts it together, to see whether the keys are still right."""
        return f"{self.name} {self.email}"


@dataclass(frozen=True, slots=True)
class Credentials:
    """A user whom somebody tries to be."""

    user: User
    password_digest: str | None


@dataclass(frozen=True, slots=True)
class PasswordLink:
    """A link that sets a password once. `email_key`: it was mailed there, so using it proves it."""

    user_id: str
    purpose: str
    email_key: str | None
    letter_id: str | None = None  # of the mail that it is in


@dataclass(frozen=True, slots=True)
class MailState:
    """What became of a mail: sent, failing (tried again and again), or not tried yet."""

    written_at: int
    sent_at: int | None
    has_failed: bool  # once or more, and it has not left since

    @property
    def failing_since(self) -> int | None:
        return self.written_at if self.has_failed and self.sent_at is None else None


@dataclass(frozen=True, slots=True)
class EmailChange:
    """A new address that waits for the link that was mailed to it."""

    user_id: str
    email: str
    expires_at: int
    asked_by: str | None = None  # the actor's id; none: an operator
    mail: MailState | None = None  # none: it left more than a week ago


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
    must_change_password: bool = False  # at the next sign-in


@dataclass(frozen=True, slots=True)
class Access:
    """What a login of this person would say at this moment."""

    user_id: str
    email: str
    email_verified: bool
    name: str
    locale: str
    roles: tuple[str, ...]
    access_revision: int
    disabled: bool


@dataclass(frozen=True, slots=True)
class By:
    """Whose rights a deed is done with: the present roles, and the organisation they count in."""

    roles: tuple[str, ...]
    organisation_id: str | None  # none: in every organisation
    user_id: str | None = None  # none: not a person

    @classmethod
    def person(cls, user: User) -> "By":
        return cls(user.roles, user.organisation_id, user.id)


OPERATOR = By(roles=(ADMIN,), organisation_id=None)


def is_user_id(text: str) -> bool:
    """24 lower-case hexadecimal characters, as `new_object_id` makes them."""
    return USER_ID.fullmatch(text) is not None


def is_name(text: str) -> bool:
    """Fit to be shown: not blank, not too long, one line."""
    return bool(text.strip()) and len(text) <= LONGEST_NAME and text.isprintable()


def parse_roles(joined: str | None) -> tuple[str, ...]:
    """Roles as one column holds them, joined by commas."""
    return tuple(sorted(joined.split(","))) if joined else ()
