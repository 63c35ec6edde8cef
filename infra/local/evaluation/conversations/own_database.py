"""A migrated Postgres that lives as long as an evaluation."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from pg8000.native import Connection

from falachefe.db.address import DatabaseAddress
from falachefe.db.engine import Database, make_engine
from falachefe.db.migrate import APPLICATION_ROLE, migrate, owner_engine
from infra.local.paths import ROOT
from infra.local.stack.postgres import SUPERUSER, PostgresAddress, temporary_postgres

_MIGRATIONS = ROOT / "infra" / "migrations"
_OWNER, _PASSWORD, _NAME = "falachefe_owner", "only-here", "falachefe"


@contextmanager
def own_database() -> Iterator[Database]:
    """The database as functions see it: the application role, one company at a time."""
    with temporary_postgres() as server:
        _create(server)
        owner = owner_engine(_address(server, _OWNER, _PASSWORD))
        application = _address(server, APPLICATION_ROLE, _PASSWORD)
        if str(_MIGRATIONS) not in sys.path:  # revisions import their helpers from there
            sys.path.insert(0, str(_MIGRATIONS))
        migrate(owner, application, _MIGRATIONS / "falachefe_migrations")
        owner.dispose()
        database = Database(lambda: make_engine(application, pool_size=4))
        try:
            yield database
        finally:
            database.dispose()


def _create(server: PostgresAddress) -> None:
    with _connect(server, "postgres") as connection:
        connection.run(f"create role {_OWNER} login createrole createdb password '{_PASSWORD}'")
        connection.run(f"create database {_NAME} owner {_OWNER}")
    with _connect(server, _NAME) as connection:
        # On Aurora the owner may create the extension; here only a superuser may.
        connection.run("create extension vector")


def _connect(server: PostgresAddress, database: str) -> Connection:
    return Connection(
        SUPERUSER, host=server.host, port=server.port, database=database, password=server.password, ssl_context=False
    )


def _address(server: PostgresAddress, user: str, password: str) -> DatabaseAddress:
    return DatabaseAddress(user, password, server.host, server.port, _NAME, ssl=False)
