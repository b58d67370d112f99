"""Accounts can be deleted, and their users listed, through the Platform API."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("accounts", sa.Column("deleted_at", sa.BigInteger(), nullable=True))
    op.create_index("users_of_an_account", "users", ["account_id", "id"], unique=False)
    op.create_index(
        "outbox_failing",
        "outbox",
        ["created_at"],
        unique=False,
        sqlite_where=sa.text("delivered_at IS NULL AND last_error IS NOT NULL"),
        postgresql_where=sa.text("delivered_at IS NULL AND last_error IS NOT NULL"),
    )
