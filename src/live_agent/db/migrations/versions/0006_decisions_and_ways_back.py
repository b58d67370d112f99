"""Decisions about conflicts, the ledger of identities, ways back, and break-glass links."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# Who was linked before there was a ledger; the id is the user's, so that it is written once.
_BACKFILL = """
INSERT INTO ledger (id, at, account_id, user_id, deed, issuer, subject, how)
SELECT 'le_' || id, coalesce(moved_at, created_at), account_id, id,
       CASE WHEN moved_at IS NULL THEN 'created' ELSE 'moved' END, issuer, subject, 'before'
FROM users WHERE subject IS NOT NULL
"""


def upgrade() -> None:
    op.add_column(
        "accounts",
        sa.Column("second_approval", sa.Integer(), server_default="0", nullable=False),
    )
    op.add_column("users", sa.Column("moved_email", sa.String(length=320), nullable=True))
    for name, kind, default in (
        ("email", sa.String(length=320), ""),
        ("name", sa.String(length=200), ""),
        ("email_verified", sa.Integer(), "0"),
        ("roles", sa.String(length=200), ""),
    ):
        op.add_column("conflicts", sa.Column(name, kind, server_default=default, nullable=False))
    _create_decisions()
    _create_ledger()
    _create_break_glass()


def _create_decisions() -> None:
    op.create_table(
        "decisions",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("conflict_id", sa.String(length=40), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("issuer", sa.String(length=500), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("email_key", sa.String(length=320), nullable=False),
        sa.Column("user_ids", sa.Text(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("user_id", sa.String(length=40), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.String(length=40), nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=False),
        sa.Column("approved_by", sa.String(length=40), nullable=True),
        sa.Column("approved_at", sa.BigInteger(), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_because", sa.String(length=16), nullable=True),
        sa.Column("ended_by", sa.String(length=40), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("decisions_of_a_conflict", "decisions", ["conflict_id"], unique=False)
    op.create_index(
        "one_open_decision",
        "decisions",
        ["account_id", "issuer", "subject"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def _create_ledger() -> None:
    op.create_table(
        "ledger",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.String(length=40), nullable=False),
        sa.Column("deed", sa.String(length=16), nullable=False),
        sa.Column("issuer", sa.String(length=500), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("how", sa.String(length=16), nullable=False),
        sa.Column("by_user_id", sa.String(length=40), nullable=True),
        sa.Column("decision_id", sa.String(length=40), nullable=True),
        sa.Column("reference", sa.String(length=12), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ledger_of_a_user", "ledger", ["user_id", "at"], unique=False)
    op.create_index("ledger_of_an_account", "ledger", ["account_id", "at"], unique=False)
    op.execute(_BACKFILL)


def _create_break_glass() -> None:
    op.create_table(
        "break_glass",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.Column("voided_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("fingerprint"),
    )
    op.create_index("break_glass_of_a_user", "break_glass", ["user_id"], unique=False)
