"""A person's roles in one column: they are read with the person, in the same statement."""

from typing import Any

from sqlalchemy import ScalarSelect, func, literal_column, select

from cognigy_ai.db.tables import user_roles, users

# Written into the statement: a value that the compiler has to fill in would need all the others.
COMMA: Any = literal_column("','")  # declared for texts, and takes expressions too


def roles_of_user() -> ScalarSelect[str]:
    """The roles of the row of `users`, joined by commas; NULL for none."""
    return (
        select(func.aggregate_strings(user_roles.c.role, COMMA))
        .where(user_roles.c.user_id == users.c.id)
        .scalar_subquery()
    )
