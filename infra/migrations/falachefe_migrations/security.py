"""Row-level security, defined once for all revisions."""

from collections.abc import Sequence

from alembic import op

TENANT = "nullif(current_setting('app.company_id', true), '')::uuid"


def protect(tables: Sequence[str], *, key: str = "company_id", grants: str = "select, insert, update, delete") -> None:
    """The application role reads and writes only the rows of the transaction's company.

    FORCE makes the policy hold for the tables' owner too, so that no job gets around it by signing in as the owner.
    """
    for table in tables:
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"alter table {table} force row level security")
        op.execute(
            f"create policy tenant on {table} to falachefe_app using ({key} = {TENANT}) with check ({key} = {TENANT})"
        )
        op.execute(f"grant {grants} on {table} to falachefe_app")


def share(tables: Sequence[str], *, grants: str = "select, insert, update") -> None:
    """For shared tables: all companies read them, and only a transaction without a company writes them."""
    for table in tables:
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"alter table {table} force row level security")
        op.execute(f"create policy everybody_reads on {table} for select to falachefe_app using (true)")
        op.execute(
            f"create policy platform_writes on {table} to falachefe_app"
            f" using ({TENANT} is null) with check ({TENANT} is null)"
        )
        op.execute(f"grant {grants} on {table} to falachefe_app")


def on_all_rows(table: str, statement: str) -> None:
    """Runs a statement over the rows of all companies, for a backfill.

    The policies are the application role's, and FORCE holds the table's owner to them: as the owner a plain `update`
    succeeds and changes nothing. The transaction holds the lock of the table meanwhile, so no other one sees it.
    """
    op.execute(f"alter table {table} no force row level security")
    op.execute(statement)
    op.execute(f"alter table {table} force row level security")


def open_to_directory(table: str, columns: Sequence[str]) -> None:
    """Lets only the directory functions read these columns of all companies."""
    op.execute(f"create policy directory on {table} for select to falachefe_directory using (true)")
    op.execute(f"grant select ({', '.join(columns)}) on {table} to falachefe_directory")


def directory_function(definition: str, *, signature: str) -> None:
    """Creates a function that returns keys only; it runs as the directory role, and the application role may call it.

    It is how a login finds its company and how the sweep finds companies with work, without any role or function
    of ours that could read another company's rows.
    """
    op.execute("set local role falachefe_directory")
    op.execute(definition)
    op.execute(f"revoke all on function {signature} from public")
    op.execute(f"grant execute on function {signature} to falachefe_app")
    op.execute("reset role")
