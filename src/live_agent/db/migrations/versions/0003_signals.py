"""Access ends by signals: what the platform said last, tokens that were used, deleted people."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "subjects",
        sa.Column("issuer", sa.String(length=500), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("access_revision", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("issuer", "subject"),
    )
    op.create_table(
        "spent_tokens",
        sa.Column("issuer", sa.String(length=500), nullable=False),
        sa.Column("jti", sa.String(length=255), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("issuer", "jti"),
    )
    op.create_index("spent_tokens_by_end", "spent_tokens", ["expires_at"], unique=False)
    op.add_column("sessions", sa.Column("access_revision", sa.BigInteger(), nullable=True))
    op.add_column("sessions", sa.Column("ended_reference", sa.String(length=12), nullable=True))
    for name in ("checked_at", "checking_until"):
        op.add_column(
            "sessions", sa.Column(name, sa.BigInteger(), server_default="0", nullable=False)
        )
    op.add_column("sessions", sa.Column("unreachable_since", sa.BigInteger(), nullable=True))
    op.create_index("sessions_by_sid", "sessions", ["issuer", "sid"], unique=False)
    op.create_index("sessions_ended", "sessions", ["ended_at"], unique=False)
    op.add_column("users", sa.Column("purged_at", sa.BigInteger(), nullable=True))
    op.add_column("users", sa.Column("erase_at", sa.BigInteger(), nullable=True))
    op.create_index("users_to_erase", "users", ["erase_at"], unique=False)
