"""PostgreSQL access: driver, engine with tenant transactions, base models, prepared statements, outbox, migrations."""
