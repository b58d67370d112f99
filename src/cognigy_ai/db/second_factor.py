"""Whether a person has a second factor: read with the person, in the same statement."""

from sqlalchemy import ColumnElement, select

from cognigy_ai.db.tables import second_factors, users


def has_second_factor() -> ColumnElement[bool]:
    """Of the row of `users`."""
    return (
        select(second_factors.c.user_id)
        .where(second_factors.c.user_id == users.c.id)
        .correlate(users)
        .exists()
    )
