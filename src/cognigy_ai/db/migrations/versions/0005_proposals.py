"""People whom Live Agent proposes, as lists that an administrator starts."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("imports", sa.Column("proposed_by", sa.String(length=200), nullable=True))
