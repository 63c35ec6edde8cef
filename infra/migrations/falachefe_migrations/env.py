"""Alembic's entry point. The caller (`falachefe.db.migrate`) passes the connection; there is no ini file.

Rules for revisions: they are numbered (`0002_…`); the running code must work on the new schema; statements that wait
for a lock time out soon (`lock_timeout`, set by the caller for the session) and are retried; indexes on tables in use
are created by `falachefe_migrations.indexes`.
"""

from alembic import context

from falachefe.app.schema import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, transaction_per_migration=True)
with context.begin_transaction():
    context.run_migrations()
