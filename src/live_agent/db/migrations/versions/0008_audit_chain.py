"""The audit trail says who acted, and is sealed in a chain."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_seals",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("first_position", sa.BigInteger(), nullable=False),
        sa.Column("last_position", sa.BigInteger(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("newest_at", sa.BigInteger(), nullable=False),
        sa.Column("sealed_at", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("removed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("number"),
    )
    op.add_column(
        "audit_events",
        sa.Column("actor_kind", sa.String(length=16), server_default="system", nullable=False),
    )
    op.add_column("audit_events", sa.Column("actor_id", sa.String(length=128), nullable=True))
    op.add_column("audit_events", sa.Column("position", sa.BigInteger(), nullable=True))
    if op.get_bind().dialect.name == "postgresql":
        event = sa.String(length=64, collation="C")
        op.alter_column("audit_events", "event", type_=event, existing_nullable=False)
    op.create_index(
        "audit_events_sealed",
        "audit_events",
        ["position"],
        unique=True,
        sqlite_where=sa.text("position IS NOT NULL"),
        postgresql_where=sa.text("position IS NOT NULL"),
    )
    op.create_index(
        "audit_events_unsealed",
        "audit_events",
        ["at", "id"],
        unique=False,
        sqlite_where=sa.text("position IS NULL"),
        postgresql_where=sa.text("position IS NULL"),
    )
    for name, column in (
        ("audit_events_of_a_user", "user_id"),
        ("audit_events_of_an_account", "account_id"),
    ):
        op.create_index(name, "audit_events", [column, "at", "id"], unique=False)
