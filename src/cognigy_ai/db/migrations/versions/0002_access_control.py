"""Access Control, credentials and the JSON API: people are searched, keyed and told apart.

Tables only, so that a large installation is not held up: what new columns say of people who are
there already is filled in afterwards, batch by batch (`users.repair`).
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

STALE_KEYS = "coalesce(keyed_as, '') <> name || ' ' || email OR last_active_at < last_login_at"


def upgrade() -> None:
    op.create_table(
        "imports",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("organisation_id", sa.String(length=24), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("asked_by", sa.String(length=24), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("invite", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=True),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("leased_until", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "imports_of_an_organisation", "imports", ["organisation_id", "created_at"], unique=False
    )
    op.create_index(
        "imports_waiting",
        "imports",
        ["leased_until"],
        unique=False,
        sqlite_where=sa.text("state IN ('waiting', 'running')"),
        postgresql_where=sa.text("state IN ('waiting', 'running')"),
    )
    op.create_table(
        "api_keys",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("hint", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("owner_id", sa.String(length=24), nullable=True),
        sa.Column("organisation_id", sa.String(length=24), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("last_used_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("fingerprint"),
    )
    op.create_index(
        "api_keys_of_an_organisation", "api_keys", ["organisation_id", "created_at"], unique=False
    )
    op.create_index("api_keys_of_an_owner", "api_keys", ["owner_id"], unique=False)
    op.create_table(
        "email_changes",
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=24), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("email_key", sa.String(length=320), nullable=False),
        sa.Column("asked_by", sa.String(length=40), nullable=True),
        sa.Column("letter_id", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("fingerprint"),
    )
    op.create_index("email_changes_of_a_user", "email_changes", ["user_id"], unique=False)
    op.create_table(
        "import_rows",
        sa.Column("import_id", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sealed_row", sa.Text(), nullable=False),
        sa.Column("fate", sa.String(length=32), nullable=False),
        sa.Column("detail", sa.String(length=300), nullable=False),
        sa.Column("user_id", sa.String(length=24), nullable=True),
        sa.Column("done_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("import_id", "number"),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("user_id", sa.String(length=24), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "fingerprint"),
    )
    op.create_table(
        "second_factors",
        sa.Column("user_id", sa.String(length=24), nullable=False),
        sa.Column("sealed_secret", sa.Text(), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id"),
    )
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
    op.create_table(
        "user_words",
        sa.Column("organisation_id", sa.String(length=24), nullable=False),
        sa.Column(
            "word",
            sa.String(length=320).with_variant(sa.String(length=320, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("user_id", sa.String(length=24), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("organisation_id", "word", "user_id"),
    )
    op.create_index("user_words_of_a_user", "user_words", ["user_id", "word"], unique=False)
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
    op.create_index("audit_events_of_a_user", "audit_events", ["user_id", "at", "id"], unique=False)
    op.create_index(
        "audit_events_of_an_organisation",
        "audit_events",
        ["organisation_id", "at", "id"],
        unique=False,
    )
    op.add_column("organisations", sa.Column("live_agent_account", sa.Integer(), nullable=True))
    op.add_column(
        "organisations", sa.Column("live_agent_set_up_at", sa.BigInteger(), nullable=True)
    )
    op.add_column("organisations", sa.Column("password_policy", sa.Text(), nullable=True))
    op.add_column(
        "organisations",
        sa.Column("two_step_required", sa.Integer(), server_default="0", nullable=False),
    )
    op.add_column(
        "password_links",
        sa.Column("purpose", sa.String(length=16), server_default="handed_over", nullable=False),
    )
    op.add_column("password_links", sa.Column("email_key", sa.String(length=320), nullable=True))
    op.add_column("password_links", sa.Column("letter_id", sa.Text(), nullable=True))
    op.create_index(
        "outbox_failing",
        "outbox",
        ["created_at"],
        unique=False,
        sqlite_where=sa.text("delivered_at IS NULL AND last_error IS NOT NULL"),
        postgresql_where=sa.text("delivered_at IS NULL AND last_error IS NOT NULL"),
    )
    op.add_column(
        "sessions", sa.Column("seen_at", sa.BigInteger(), server_default="0", nullable=False)
    )
    _mark_entries()
    op.add_column("user_roles", sa.Column("organisation_id", sa.String(length=24), nullable=True))
    op.create_index(
        "user_roles_of_an_organisation",
        "user_roles",
        ["organisation_id", "role", "user_id"],
        unique=False,
    )
    op.add_column(
        "users",
        sa.Column(
            "name_key",
            sa.String(length=400).with_variant(sa.String(length=400, collation="C"), "postgresql"),
            server_default="",
            nullable=False,
        ),
    )
    op.add_column("users", sa.Column("keyed_as", sa.String(length=521), nullable=True))
    op.add_column(
        "users", sa.Column("must_change_password", sa.Integer(), server_default="0", nullable=False)
    )
    op.add_column(
        "users", sa.Column("failed_logins", sa.Integer(), server_default="0", nullable=False)
    )
    op.add_column("users", sa.Column("created_by", sa.String(length=40), nullable=True))
    op.add_column("users", sa.Column("changed_at", sa.BigInteger(), nullable=True))
    op.add_column("users", sa.Column("changed_by", sa.String(length=40), nullable=True))
    op.add_column(
        "users", sa.Column("last_active_at", sa.BigInteger(), server_default="0", nullable=False)
    )
    op.create_index(
        "users_disabled",
        "users",
        ["organisation_id", "email_key"],
        unique=False,
        sqlite_where=sa.text("disabled_at IS NOT NULL"),
        postgresql_where=sa.text("disabled_at IS NOT NULL"),
    )
    op.create_index(
        "users_without_password",
        "users",
        ["organisation_id", "email_key"],
        unique=False,
        sqlite_where=sa.text("password_digest IS NULL"),
        postgresql_where=sa.text("password_digest IS NULL"),
    )
    op.create_index(
        "users_with_bcrypt",
        "users",
        ["password_digest"],
        unique=False,
        sqlite_where=sa.text("substr(password_digest, 1, 2) = '$2'"),
        postgresql_where=sa.text("substr(password_digest, 1, 2) = '$2'"),
    )
    op.create_index(
        "users_of_an_organisation_by_activity",
        "users",
        ["organisation_id", "last_active_at", "id"],
        unique=False,
    )
    op.create_index(
        "users_of_an_organisation_by_name",
        "users",
        ["organisation_id", "name_key", "id"],
        unique=False,
    )
    op.create_index(
        "users_with_stale_keys",
        "users",
        ["id"],
        unique=False,
        sqlite_where=sa.text(STALE_KEYS),
        postgresql_where=sa.text(STALE_KEYS),
    )


def _mark_entries() -> None:
    op.add_column("sessions", sa.Column("entry_mark", sa.String(length=64), nullable=True))
    op.create_index("sessions_of_an_entry", "sessions", ["entry_mark"], unique=True)
