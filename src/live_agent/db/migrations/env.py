"""Alembic's entry. The connection is opened by `kernel.migrations`, which also commits."""

from alembic import context

from live_agent.db.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
