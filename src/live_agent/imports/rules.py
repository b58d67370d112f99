"""One row of an export: what its fields may say, and what is made of them.

The names are ours or those of a Chatwoot-schema database, so that its columns can be exported as
they are. A reason names the field and never repeats a digest.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from kernel.emails import is_address
from kernel.passwords import is_digest
from live_agent.agents.rules import ADMINISTRATOR, AGENT, ROLES, SUPERVISOR

LONGEST_NAME = 200
LONGEST_NUMBER = 9
NEEDED = ("account", "email", "role")
NAMES = {
    "account": "account",
    "account_id": "account",
    "email": "email",
    "name": "name",
    "role": "role",
    "roles": "role",
    "confirmed": "confirmed",
    "confirmed_at": "confirmed",
    "digest": "digest",
    "password_digest": "digest",
    "encrypted_password": "digest",
}
# Numbers are those of `account_users.role`.
ROLE_WORDS = {
    "0": AGENT,
    "1": ADMINISTRATOR,
    "admin": ADMINISTRATOR,
    **{role: role for role in ROLES},
}
YES, NO = frozenset(("true", "t", "yes", "y", "1")), frozenset(("false", "f", "no", "n", "0", ""))
NOT_UTF_8 = "\N{REPLACEMENT CHARACTER}"


class BadRow(Exception):  # noqa: N818 - what it is
    """A row that nothing is made of; the reason is for the operator."""


@dataclass(frozen=True, slots=True)
class Row:
    """Somebody of the export."""

    account_id: int
    email: str
    name: str
    roles: tuple[str, ...]
    confirmed: bool
    digest: str | None = field(repr=False)


def missing_names(given: Mapping[str, object]) -> list[str]:
    """Which fields an export lacks that every row needs."""
    known = {NAMES.get(name.strip().lower()) for name in given}
    return [name for name in NEEDED if name not in known]


def parse(record: Mapping[str, object]) -> Row:
    """From names and values; raises BadRow."""
    values: dict[str, str] = {}
    for name, value in record.items():
        known = NAMES.get(str(name).strip().lower())
        if known:
            values[known] = _text(known, value)
    return Row(
        account_id=_account(values.get("account", "")),
        email=_email(values.get("email", "")),
        name=_name(values.get("name") or values.get("email", "")),
        roles=_roles(values.get("role", "")),
        confirmed=_confirmed(values.get("confirmed", "")),
        digest=_digest(values.get("digest", "")),
    )


def _text(name: str, value: object) -> str:
    match value:
        case None:
            return ""
        case str():
            text = value.strip()
        case bool() | int():
            text = str(value).lower()
        case list():
            text = " ".join(str(one) for one in value)
        case _:
            raise BadRow(f"{name}: not a text")
    if NOT_UTF_8 in text:
        raise BadRow(f"{name}: not UTF-8")
    if "\0" in text:
        raise BadRow(f"{name}: a character that cannot be stored")
    return text


def _account(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER and int(text)):
        raise BadRow("account: not a number")
    return int(text)


def _email(text: str) -> str:
    if not is_address(text):
        raise BadRow("email: not an address")
    return text


def _name(text: str) -> str:
    name = " ".join(text.split())
    if len(name) > LONGEST_NAME:
        raise BadRow(f"name: longer than {LONGEST_NAME} characters")
    return name


def _roles(text: str) -> tuple[str, ...]:
    words = text.lower().replace(",", " ").replace(";", " ").replace("|", " ").split()
    unknown = [word for word in words if word not in ROLE_WORDS]
    if unknown or not words:
        expected = f"{AGENT}, {SUPERVISOR} or {ADMINISTRATOR} (0 and 1 are agent, administrator)"
        raise BadRow(f"role: write {expected}")
    return tuple(role for role in ROLES if role in {ROLE_WORDS[word] for word in words})


def _confirmed(text: str) -> bool:
    """A word, or the time of `confirmed_at`."""
    if text.lower() in YES:
        return True
    if text.lower() in NO:
        return False
    if text[:4].isdecimal() and "-" in text:
        return True
    raise BadRow("confirmed: write true or false")


def _digest(text: str) -> str | None:
    if text and not is_digest(text):
        raise BadRow("digest: neither bcrypt (cost 4 to 14) nor argon2id")
    return text or None
