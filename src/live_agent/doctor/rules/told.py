"""What the platform says of itself, read: anything that is not as agreed counts as not said."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MOST = 500


@dataclass(frozen=True, slots=True)
class OrganisationTold:
    """An organisation of which was asked, or one that was set up; `account` is its number there."""

    id: str
    known: bool
    account: int | None


@dataclass(frozen=True, slots=True)
class Told:
    """The answer of the probe."""

    values: Mapping[str, str]
    secrets: Mapping[str, str]  # by the platform's key: equal, different, unset
    id_token_alg: str
    scopes: tuple[str, ...]
    kids: tuple[str, ...]
    roles: tuple[str, ...]
    organisations: tuple[OrganisationTold, ...]
    set_up: tuple[OrganisationTold, ...]
    now: int | None


def read(members: Mapping[str, Any]) -> Told:
    """Never fails."""
    client = members.get("client")
    client = client if isinstance(client, dict) else {}
    now = members.get("now")
    return Told(
        values=_texts_by_key(members.get("values")),
        secrets=_texts_by_key(members.get("secrets")),
        id_token_alg=str(client.get("id_token_alg") or ""),
        scopes=_texts(client.get("scopes")),
        kids=_texts(members.get("kids")),
        roles=_texts(members.get("roles")),
        organisations=_organisations(members.get("organisations")),
        set_up=_organisations(members.get("set_up")),
        now=now if isinstance(now, int) else None,
    )


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(one) for one in value[:MOST]) if isinstance(value, list) else ()


def _texts_by_key(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        return {}
    return {str(key): one for key, one in list(value.items())[:MOST] if isinstance(one, str)}


def _organisations(value: object) -> tuple[OrganisationTold, ...]:
    listed = value[:MOST] if isinstance(value, list) else []
    return tuple(
        OrganisationTold(
            id=str(one.get("id")),
            known=one.get("known") is not False,
            account=one["account"] if isinstance(one.get("account"), int) else None,
        )
        for one in listed
        if isinstance(one, dict)
    )
