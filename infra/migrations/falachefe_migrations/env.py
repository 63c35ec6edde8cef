"""Alembic's entry. The connection comes from the caller (`falachefe.db.migrate`), never from an ini file.

House rules for a revision: sequential numbers as names (`0002_…`); the code that is already running must work on
the new schema; statements that could wait for a lock give up soon (`lock_timeout`, set by the caller for the whole
session) and are tried again; an index on a table that is in use is made by `falachefe_migrations.indexes`.
"""

from alembic import context

from falachefe.app.schema import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, transaction_per_migration=True)
with context.begin_transaction():
    context.run_migrations()
