"""The engine of a function, created lazily, and transactions that each belong to one company."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, cast
from uuid import UUID

import pg8000
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.dialects import registry
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session
from sqlalchemy.pool import QueuePool

from falachefe.db.address import DatabaseAddress
from falachefe.db.driver import OneTripConnection, found_dead
from falachefe.db.outages import no_answer, outage, sqlstate
from falachefe.db.statements import Query, flush
from falachefe.db.tls import context_of

registry.register("postgresql.one_trip", "falachefe.db.driver", "OneTripDialect")

_WRONG_LOGIN: Final = ("28P01", "28000")


@dataclass(frozen=True, slots=True)
class TimeLimits:
    """How long a function waits for Postgres, in seconds. `statement_s` and `lock_s` are below `answer_s`, so that the
    server gives up first and reports why. The server's limits are defaults of the role (`falachefe.db.migrate`),
    because RDS Proxy refuses start-up options and a `SET` would pin the connection."""

    connect_s: float = 2
    """For each step of connecting: TCP, TLS, authentication."""
    answer_s: float = 7
    pool_s: float = 2
    statement_s: float = 5
    lock_s: float = 3
    idle_in_transaction_s: float = 15


LIMITS: Final = TimeLimits()
MAX_CONNECTION_AGE_S: Final = 840
"""Less than the proxy's IdleClientTimeout (infra/proxy.yaml), so that a runtime does not reuse a closed connection."""

ROWS_AT_ONCE: Final = 20  # of the widest table, an insert of more passes 16 KB, and RDS Proxy pins for that

type Addresses = Callable[[bool], DatabaseAddress]
"""Returns the address; with True the login is read again."""


def make_engine(
    address: DatabaseAddress | Addresses, *, pool_size: int = 1, limits: TimeLimits = LIMITS, **startup: str
) -> Engine:
    """An engine on the one-trip driver. A Lambda runtime serves one event at a time, so one connection is enough.

    `startup` are session options, possible only on a direct connection to a server.
    """
    addresses = (lambda _: address) if isinstance(address, DatabaseAddress) else address
    return create_engine(
        "postgresql+one_trip://",
        creator=lambda: _connect(addresses, limits, startup),
        poolclass=QueuePool,
        pool_size=pool_size,
        max_overflow=2,
        pool_timeout=limits.pool_s,
        pool_recycle=MAX_CONNECTION_AGE_S,
        insertmanyvalues_page_size=ROWS_AT_ONCE,
    )


def _connect(addresses: Addresses, limits: TimeLimits, startup: dict[str, str]) -> OneTripConnection:
    """After a refused login, the password is read once more, because it may have been rotated."""
    try:
        return _connection(addresses(False), limits, startup)
    except pg8000.DatabaseError as error:
        if sqlstate(error) not in _WRONG_LOGIN:
            raise
        return _connection(addresses(True), limits, startup)


def _connection(address: DatabaseAddress, limits: TimeLimits, startup: dict[str, str]) -> OneTripConnection:
    context: Any = False
    if address.ssl:
        context = context_of(address)
    return OneTripConnection(
        user=address.username,
        password=address.password,
        host=address.host,
        port=address.port,
        database=address.dbname,
        ssl_context=context,
        timeout=limits.connect_s,
        answer_timeout=limits.answer_s,
        application_name="falachefe",
        startup_params=startup or None,
    )


def _deletion(table: str, company_id: UUID, ids: Sequence[UUID]) -> str:
    """A DELETE without parameters: the table's name comes from the code, and a UUID's text needs no quoting."""
    if not table.isidentifier():
        raise ValueError("a table's name is an identifier")
    listed = ", ".join(f"'{UUID(str(one))}'" for one in ids)
    return f"delete from {table} where company_id = '{UUID(str(company_id))}' and id in ({listed})"  # noqa: S608  # checked above


class Database:
    """Opens transactions. `connect` is called on first use."""

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
        """A transaction on the rows of one company; commits at the end of the block.

        Raises `Unavailable` when Postgres cannot be reached. The block then had no effect, except when the commit got
        no response: it may have been carried out.
        """
        with self._transaction(company_id) as session:
            yield session

    @contextmanager
    def snapshot(self, company_id: UUID) -> Iterator[Session]:
        """A read-only `tenant` transaction whose statements all see the same snapshot."""
        with self._transaction(company_id, snapshot=True) as session:
            yield session

    @contextmanager
    def no_tenant(self) -> Iterator[Session]:
        """A transaction without a company, for the schema's directory functions and the platform's tables."""
        with self._transaction(None) as session:
            yield session

    def delete_rows(self, company_id: UUID, table: str, ids: Sequence[UUID]) -> None:
        """Deletes rows by id in a transaction of its own, in one round trip instead of three.

        For clean-up after a commit.
        """
        with self._begun(company_id, "; ".join((_deletion(table, company_id, ids), "commit"))):
            pass

    def run_in_one_trip(self, company_id: UUID | None, *queries: Query[Any]) -> None:
        """Runs prepared statements in a transaction of their own, in one round trip instead of three.

        For reads and idempotent writes: they are retried when the connection was dead.
        """
        for _ in range(self.engine.pool.size() + 1):  # type: ignore[attr-defined]  # a QueuePool
            try:
                with self._connected() as connection:
                    self._at_once(connection, company_id, queries)
            except DBAPIError as error:
                if error.connection_invalidated and found_dead(error.orig):
                    continue
                if instead := outage(error):
                    raise instead from error
                raise
            return
        raise no_answer()

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
    def _transaction(self, company_id: UUID | None, *, snapshot: bool = False) -> Iterator[Session]:
        try:
            with (
                self._begun(company_id, snapshot=snapshot) as connection,
                Session(bind=connection, expire_on_commit=False, autoflush=False) as session,
                session.begin(),
            ):
                yield session
        except DBAPIError as error:
            if instead := outage(error):
                raise instead from error
            raise

    def _begun(self, company_id: UUID | None, *then: str, snapshot: bool = False) -> Connection:
        """A connection whose transaction has begun for the tenant, in one round trip together with `then`.

        A frozen runtime may resume with a dead connection. Nothing has been executed at this point, so a new one is
        tried, once for each connection of the pool; but not after a timeout, which would cost as long again.
        """
        for _ in range(self.engine.pool.size() + 1):  # type: ignore[attr-defined]  # a QueuePool
            connection = self._connected()
            driver = cast(OneTripConnection, connection.connection.dbapi_connection)
            driver.tenant = company_id
            try:
                driver.begin(*then, snapshot=snapshot)
            except pg8000.Error as error:
                connection.invalidate()
                connection.close()
                if not found_dead(error):
                    raise no_answer() from error
                continue
            return connection
        raise no_answer()

    def _connected(self) -> Connection:
        try:
            return self.engine.connect()
        except DBAPIError as error:
            if instead := outage(error):
                raise instead from error
            raise
        except PoolTimeout as error:  # all connections are in use, which cannot happen with one event at a time
            raise no_answer() from error

    def dispose(self, *, close: bool = True) -> None:
        """Drops the connections. `close=False` sends nothing on them: runtimes restored from the same snapshot share
        them."""
        if self._engine is not None:
            self._engine.dispose(close=close)
            self._engine = None
