"""The agents page: people are sorted by a key, found by words, and links know their address."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

STALE_KEYS = sa.text("coalesce(keyed_as, '') <> name || ' ' || email")


def upgrade() -> None:
    bytewise = sa.String(length=400).with_variant(
        sa.String(length=400, collation="C"), "postgresql"
    )
    op.add_column("users", sa.Column("name_key", bytewise, server_default="", nullable=False))
    op.add_column("users", sa.Column("found_by", sa.Text(), server_default="", nullable=False))
    op.add_column("users", sa.Column("keyed_as", sa.String(length=521), nullable=True))
    op.create_index(
        "users_of_an_account_by_name", "users", ["account_id", "name_key", "id"], unique=False
    )
    op.create_index(
        "users_with_stale_keys",
        "users",
        ["id"],
        unique=False,
        sqlite_where=STALE_KEYS,
        postgresql_where=STALE_KEYS,
    )
    op.add_column("old_links", sa.Column("email_key", sa.String(length=320), nullable=True))
