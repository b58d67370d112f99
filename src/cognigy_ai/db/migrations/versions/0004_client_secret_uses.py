"""When each secret of a client was used last. A new table only."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "client_secret_uses",
        sa.Column("client_id", sa.String(length=128), nullable=False),
        sa.Column("secret", sa.String(length=12), nullable=False),
        sa.Column("uses", sa.BigInteger(), nullable=False),
        sa.Column("last_used_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("client_id", "secret"),
    )
