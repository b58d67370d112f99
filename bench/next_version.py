"""A newer version of both systems, for a rolling upgrade: the same source, one more migration."""

import shutil
from pathlib import Path

from kernel.migrations import known_versions
from support.servers import Pair

SOURCE = Path(__file__).parents[1] / "src"
# What the next release will most likely do: widen a table that each login reads and writes.
MIGRATION = '''"""What a drill's next version needs."""

import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{before}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("of_the_drill", sa.String(length=40), nullable=True))
    op.create_index("users_of_the_drill", "users", ["of_the_drill"])
    op.create_table(
        "drill_notes",
        sa.Column("user_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"]),
        sa.PrimaryKeyConstraint("user_id"),
    )
'''


def install_next_version(pair: Pair, folder: Path) -> dict[str, str]:
    """What is started or run from now on is the next version; its revision of each package."""
    source = folder / "next"
    shutil.copytree(SOURCE, source, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    revisions = {}
    for system, package in ((pair.platform, "cognigy_ai"), (pair.desk, "live_agent")):
        before = known_versions(package)[-1]
        revision = revisions[package] = f"{int(before) + 1:04}"
        versions = source / package / "db" / "migrations" / "versions"
        text = MIGRATION.format(revision=revision, before=before)
        (versions / f"{revision}_drill.py").write_text(text)
        system.environment["PYTHONPATH"] = str(source)
    return revisions
