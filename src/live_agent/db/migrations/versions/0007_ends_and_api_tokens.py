"""How long an end of access took, and API tokens with name, last use and the last confirmation."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("changed_ms", "out_ms"):
        op.add_column("sessions", sa.Column(name, sa.BigInteger(), nullable=True))
    op.add_column(
        "api_tokens", sa.Column("name", sa.String(length=100), server_default="", nullable=False)
    )
    for name in ("last_used_at", "unreachable_since"):
        op.add_column("api_tokens", sa.Column(name, sa.BigInteger(), nullable=True))
    for name in ("checked_at", "checking_until"):
        op.add_column(
            "api_tokens", sa.Column(name, sa.BigInteger(), server_default="0", nullable=False)
        )
