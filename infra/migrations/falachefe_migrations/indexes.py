"""Creates indexes on large tables without blocking writes."""

import sqlalchemy as sa
from alembic import op


def concurrent_index(name: str, definition: str, *, unique: bool = False) -> None:
    """Creates an index without blocking writes, e.g. `concurrent_index("ix_a_b", "messages (company_id, b)")`.

    It cannot run in a transaction, so what the revision did before is committed first: give such an index a revision of
    its own. An invalid index that an interrupted attempt left is replaced. Postgres waits for the transactions that
    were running when it began, however long they take.
    """
    with op.get_context().autocommit_block():
        connection = op.get_bind()
        usual = connection.scalar(sa.text("show lock_timeout"))
        connection.execute(sa.text("set lock_timeout = 0"))
        broken = sa.text(
            "select 1 from pg_class c join pg_index i on i.indexrelid = c.oid"
            " where c.relname = :name and c.relnamespace = current_schema()::regnamespace and not i.indisvalid"
        )
        if connection.scalar(broken, {"name": name}):
            op.execute(f"drop index concurrently {name}")
        kind = "unique index" if unique else "index"
        op.execute(f"create {kind} concurrently if not exists {name} on {definition}")
        connection.execute(sa.text(f"set lock_timeout = '{usual}'"))


def drop_concurrent_index(name: str) -> None:
    with op.get_context().autocommit_block():
        op.execute(f"drop index concurrently if exists {name}")
