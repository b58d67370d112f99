"""Who logged in: the claims of an ID token or of userinfo as plain values (DESIGN section 2).

Identity is (issuer, subject). Everything else is an attribute, and what has the wrong type counts
as absent: a claim gives rights only if it is exactly what it should be.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from live_agent.cognigy_api.rules.refusal import Refusal, misconfigured
from live_agent.problems import Fault

LONGEST_SUBJECT = 255
LONGEST_ORGANISATION = 255
LONGEST_EMAIL = 320
LONGEST_NAME = 200
LONGEST_LOCALE = 16
LONGEST_SID = 255
MOST_ROLES = 500
LARGEST_REVISION = 2**63 - 1
ROLES = ("administrator", "supervisor", "agent")
WHOLE_PROVIDER = "iss"


@dataclass(frozen=True, slots=True)
class ClaimNames:
    """Which claims hold what (COGNIGY_OAUTH_ORGANISATION_CLAIM, _ROLES_CLAIM, _ROLE_MAP)."""

    organisation: str
    roles: str
    role_map: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Person:
    """`roles` are Live Agent's own, the strongest first; none is no right to enter."""

    subject: str
    organisation: str | None
    email: str | None
    email_verified: bool
    name: str
    locale: str
    roles: tuple[str, ...]
    sid: str | None
    access_revision: int | None


def read(claims: Mapping[str, Any], names: ClaimNames, issuer: str) -> Person | Refusal:
    """The person, or a refusal if it is not said who that is."""
    subject = subject_of(claims)
    if subject is None:
        return misconfigured(Fault.SUBJECT_MISSING)
    email = text_of(claims.get("email"), LONGEST_EMAIL)
    return Person(
        subject=subject,
        organisation=_organisation(claims, names.organisation, issuer),
        email=email,
        # A string "true" or a 1 is not the provider's word (CVE-2026-41574).
        email_verified=email is not None and claims.get("email_verified") is True,
        name=_name(claims) or email or subject[:LONGEST_NAME],
        locale=text_of(claims.get("locale"), LONGEST_LOCALE) or "",
        roles=_roles(_at(claims, names.roles), names.role_map),
        sid=text_of(claims.get("sid"), LONGEST_SID),
        access_revision=_revision(claims.get("access_revision")),
    )


def organisation_fault(claims: Mapping[str, Any], names: ClaimNames) -> Refusal | None:
    """Nothing at all is said of an organisation: then none can be called unknown."""
    if names.organisation == WHOLE_PROVIDER or _at(claims, names.organisation) is not None:
        return None
    return misconfigured(Fault.ORGANISATION_MISSING, f"no claim {names.organisation}")


def roles_said(claims: Mapping[str, Any], names: ClaimNames) -> tuple[str, ...] | None:
    """Live Agent's roles, or None if the claims say nothing about roles."""
    found = _at(claims, names.roles)
    return None if found is None else _roles(found, names.role_map)


def name_said(claims: Mapping[str, Any]) -> str | None:
    """The name, or None if the claims say nothing about it."""
    return _name(claims)


def revision_said(claims: Mapping[str, Any]) -> int | None:
    """The `access_revision`; other providers have none."""
    return _revision(claims.get("access_revision"))


def subject_of(claims: Mapping[str, Any]) -> str | None:
    """`sub`, byte-exact; some providers write a number, which is the same as its digits."""
    found = claims.get("sub")
    if isinstance(found, int) and not isinstance(found, bool):
        found = str(found)
    return text_of(found, LONGEST_SUBJECT)


def text_of(value: object, longest: int) -> str | None:
    """A text that every database can hold, unchanged; None for anything else."""
    if not isinstance(value, str) or not value or len(value) > longest:
        return None
    if any(ord(c) < 0x20 or 0xD800 <= ord(c) <= 0xDFFF or ord(c) == 0x7F for c in value):  # noqa: PLR2004
        return None
    return value


def _at(claims: Mapping[str, Any], name: str) -> Any:
    """The claim of that name, else along its dots: `realm_access.roles`.

    The whole name first: `https://example.com/roles` is a name like any other.
    """
    if name in claims:
        return claims[name]
    found: Any = claims
    for step in name.split("."):
        if not isinstance(found, Mapping):
            return None
        found = found.get(step)
    return found


def _organisation(claims: Mapping[str, Any], name: str, issuer: str) -> str | None:
    """One definite organisation: a list of several names none."""
    if name == WHOLE_PROVIDER:
        return issuer
    found = _at(claims, name)
    if isinstance(found, list) and len(found) == 1:
        found = found[0]
    return text_of(found, LONGEST_ORGANISATION)


def _roles(found: Any, role_map: Mapping[str, str]) -> tuple[str, ...]:
    listed = [found] if isinstance(found, str) else found
    if not isinstance(listed, list):
        return ()
    given = {role_map.get(one) for one in listed[:MOST_ROLES] if isinstance(one, str)}
    return tuple(role for role in ROLES if role in given)


def _name(claims: Mapping[str, Any]) -> str | None:
    whole = text_of(claims.get("name"), LONGEST_NAME)
    if whole is not None and whole.strip():
        return whole.strip()
    parts = (text_of(claims.get(part), LONGEST_NAME) for part in ("given_name", "family_name"))
    return " ".join(part for part in parts if part)[:LONGEST_NAME].strip() or None


def _revision(found: object) -> int | None:
    """None, as other providers have it, is neither older nor newer than anything."""
    if isinstance(found, bool) or not isinstance(found, int):
        return None
    return found if 0 <= found <= LARGEST_REVISION else None
