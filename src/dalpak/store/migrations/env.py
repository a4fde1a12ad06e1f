"""What Alembic runs: migrations on the connection that `store/migrate.py` has opened and locked.
Nothing else.
"""

from alembic import context

from dalpak.store.models import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # Both databases can undo DDL: a migration that dies half-way leaves nothing behind.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
