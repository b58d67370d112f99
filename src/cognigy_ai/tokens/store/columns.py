"""What the statements of this feature share."""

from typing import Any

from sqlalchemy import BigInteger, String, bindparam

from cognigy_ai.db.joined_roles import roles_of_user
from cognigy_ai.tokens.rules import Person
from kernel.db import Row


def text(name: str) -> Any:
    """A parameter whose type the engine cannot guess."""
    return bindparam(name, type_=String)


def number(name: str) -> Any:
    """A parameter that holds a time."""
    return bindparam(name, type_=BigInteger)


NOW = number("now")
ROLES = roles_of_user()


def person_of(row: Row) -> Person:
    """The person that a row speaks of."""
    return Person(
        user_id=row["user_id"],
        email=row["email"],
        email_verified=bool(row["email_verified"]),
        name=row["name"],
        locale=row["locale"],
        roles=tuple(sorted(row["roles"].split(","))) if row["roles"] else (),
        organisation_id=row["organisation_id"],
        organisation_name=row["organisation_name"],
        access_revision=row["access_revision"],
    )
