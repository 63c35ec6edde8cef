"""The database of a function: one lazily made engine, and sessions that belong to one company each."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

import pg8000
from sqlalchemy import URL, Connection, Engine, create_engine
from sqlalchemy.dialects import registry
from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.orm import Session

from falachefe.data.driver import OneTripConnection
from falachefe.data.statements import Query, flush
from falachefe.kernel.errors import Unavailable

registry.register("postgresql.one_trip", "falachefe.data.driver", "OneTripDialect")

_NO_ANSWER = "O banco de dados não respondeu. Tente de novo em instantes."
STATEMENT_TIMEOUT_MS = 10_000
CONNECT_TIMEOUT_S = 5


@dataclass(frozen=True, slots=True)
class DatabaseAddress:
    """Where Postgres listens and as whom to sign in; the shape of the database secret."""

    username: str
    password: str
    host: str
    port: int
    dbname: str
    ssl: bool = True

    @classmethod
    def from_secret(cls, secret: dict[str, Any]) -> "DatabaseAddress":
        return cls(
            username=secret["username"],
            password=secret["password"],
            host=secret["host"],
            port=int(secret["port"]),
            dbname=secret["dbname"],
            ssl=str(secret.get("ssl", True)).lower() not in ("false", "0"),
        )


def make_engine(address: DatabaseAddress, *, pool_size: int = 1) -> Engine:
    """An engine over the one-trip driver. A Lambda runtime serves one event at a time: one connection is enough."""
    connect_args: dict[str, Any] = {
        "timeout": CONNECT_TIMEOUT_S + STATEMENT_TIMEOUT_MS // 1000,
        "application_name": "falachefe",
        "startup_params": {"statement_timeout": str(STATEMENT_TIMEOUT_MS), "TimeZone": "UTC"},
        "ssl_context": _verified_context() if address.ssl else None,
    }
    if not address.ssl:
        connect_args["ssl_context"] = False
    url = URL.create(
        "postgresql+one_trip", address.username, address.password, address.host, address.port, address.dbname
    )
    return create_engine(
        url,
        pool_size=pool_size,
        max_overflow=2,
        pool_timeout=5,
        pool_recycle=1800,
        connect_args=connect_args,
    )


def _verified_context() -> Any:
    """pg8000's default builds a context that checks no certificate, for each connection anew (20 ms)."""
    import ssl

    return ssl.create_default_context()


def _deletion(table: str, company_id: UUID, ids: Sequence[UUID]) -> str:
    """A statement without parameters: the table is named in our code, a UUID's text needs no quoting."""
    if not table.isidentifier():
        raise ValueError("a table's name is an identifier")
    listed = ", ".join(f"'{UUID(str(one))}'" for one in ids)
    return f"delete from {table} where company_id = '{UUID(str(company_id))}' and id in ({listed})"  # noqa: S608  # checked above


class Database:
    """Opens transactions. `connect` is called on first use, never at import."""

    def __init__(self, connect: Callable[[], Engine]) -> None:
        self._connect = connect
        self._engine: Engine | None = None

    @property
    def engine(self) -> Engine:
        if self._engine is None:
            self._engine = self._connect()
        return self._engine

    @contextmanager
    def tenant(self, company_id: UUID) -> Iterator[Session]:
        """A transaction that sees and writes the rows of one company only; commits at the end of the block.

        Raises `Unavailable` when Postgres cannot be reached; the block has then had no effect.
        """
        with self._transaction(company_id) as session:
            yield session

    @contextmanager
    def no_tenant(self) -> Iterator[Session]:
        """A transaction that sees no company's rows: for the narrow directory functions of the schema."""
        with self._transaction(None) as session:
            yield session

    def forget_rows(self, company_id: UUID, table: str, ids: Sequence[UUID]) -> None:
        """Deletes rows by id in a transaction of their own that takes one round trip instead of three.

        For bookkeeping after a commit, where nothing is read and nobody waits for more than the deed.
        """
        with self._begun(company_id, "; ".join((_deletion(table, company_id, ids), "commit"))):
            pass

    def glance(self, company_id: UUID | None, *queries: Query[Any]) -> None:
        """Runs prepared statements in a transaction of their own that takes a single round trip instead of three.

        For reads, and for writes that may happen twice: they are tried once more when the connection was dead.
        """
        for _ in range(self.engine.pool.size() + 1):  # type: ignore[attr-defined]  # the pool is a QueuePool
            try:
                with self.engine.connect() as connection:
                    self._at_once(connection, company_id, queries)
            except DBAPIError as error:
                if error.connection_invalidated:
                    continue
                if isinstance(error, InterfaceError):
                    raise Unavailable(_NO_ANSWER) from error
                raise
            return
        raise Unavailable(_NO_ANSWER)

    @staticmethod
    def _at_once(connection: Connection, company_id: UUID | None, queries: Sequence[Query[Any]]) -> None:
        driver = cast(OneTripConnection, connection.connection.dbapi_connection)
        driver.queue("begin transaction", ())
        if company_id is not None:
            driver.queue("select set_config('app.company_id', $1, true)", (str(company_id),))
        for query in queries:
            query.queue(driver)
        driver.queue("commit", ())
        flush(connection)

    @contextmanager
    def _transaction(self, company_id: UUID | None) -> Iterator[Session]:
        try:
            with (
                self._begun(company_id) as connection,
                Session(bind=connection, expire_on_commit=False, autoflush=False) as session,
                session.begin(),
            ):
                yield session
        except InterfaceError as error:
            raise Unavailable(_NO_ANSWER) from error
        except DBAPIError as error:
            if error.connection_invalidated:
                raise Unavailable(_NO_ANSWER) from error
            raise

    def _begun(self, company_id: UUID | None, *then: str) -> Connection:
        """A connection whose transaction has begun, with the tenant, in one round trip; `then` travels along.

        A runtime that slept may wake with a dead connection. Nothing has happened at this point, so a new one is
        tried, once for each connection that the pool may hold.
        """
        for _ in range(self.engine.pool.size() + 1):  # type: ignore[attr-defined]  # the pool is a QueuePool
            connection = self.engine.connect()
            driver = cast(OneTripConnection, connection.connection.dbapi_connection)
            driver.tenant = company_id
            try:
                driver.begin(*then)
            except (pg8000.InterfaceError, pg8000.DatabaseError):
                connection.invalidate()
                connection.close()
                continue
            return connection
        raise Unavailable(_NO_ANSWER)

    def dispose(self) -> None:
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None
