"""The last administrator of an organisation stays one (DESIGN section 3 rule 9)."""

from sqlalchemy import BindParameter, ColumnElement, func, select

from cognigy_ai.db.tables import user_roles, users

ADMIN = "admin"


def is_administrator(user: BindParameter[str]) -> ColumnElement[bool]:
    """Does the user have the role?"""
    return (
        select(user_roles.c.user_id)
        .where(user_roles.c.user_id == user, user_roles.c.role == ADMIN)
        .exists()
    )


def another_administrator_stays(user: BindParameter[str]) -> ColumnElement[bool]:
    """Is there another administrator in the organisation of the user, who can sign in?

    Stands in the very statement that takes the role or the user away. The rows of all
    administrators are locked first, in one order: of two simultaneous demotions the second waits
    and then counts without the first. (A plain EXISTS would let both see each other.)
    """
    theirs = select(users.c.organisation_id).where(users.c.id == user).correlate(None)
    administrators = (
        select(users.c.id)
        .join_from(users, user_roles, users.c.id == user_roles.c.user_id)
        .where(
            user_roles.c.role == ADMIN,
            users.c.disabled_at.is_(None),
            users.c.password_digest.is_not(None),  # who was only invited may never come
            users.c.organisation_id == theirs.scalar_subquery(),
        )
        .order_by(users.c.id)
        .with_for_update()  # SQLite has one writer and no such clause
        .cte("administrators")
    )
    others = select(func.count()).select_from(administrators).where(administrators.c.id != user)
    return others.scalar_subquery() > 0
