"""The database of a function: one lazily made engine, and sessions that belong to one company each."""

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

registry.register("postgresql.one_trip", "falachefe.db.driver", "OneTripDialect")

_WRONG_LOGIN: Final = ("28P01", "28000")


@dataclass(frozen=True, slots=True)
class TimeLimits:
    """How long a function waits for Postgres, in seconds. The server's own limits are below `answer_s`: it gives up
    first and says why. What the server is told stands with the role (`falachefe.db.migrate`), because RDS Proxy
    refuses options at the start of a session, and a `SET` would pin it."""

    connect_s: float = 2
    """For each step of connecting: TCP, TLS, signing in."""
    answer_s: float = 7
    pool_s: float = 2
    statement_s: float = 5
    lock_s: float = 3
    idle_in_transaction_s: float = 15


LIMITS: Final = TimeLimits()
OLDEST_CONNECTION_S: Final = 840
"""Less than the proxy's IdleClientTimeout (infra/proxy.yaml): a runtime that slept finds no closed connection."""

ROWS_AT_ONCE: Final = 20  # of the widest table, an insert of more passes 16 KB, and RDS Proxy pins for that

type Addresses = Callable[[bool], DatabaseAddress]
"""The address, and with True the address with the login read anew."""


def make_engine(
    address: DatabaseAddress | Addresses, *, pool_size: int = 1, limits: TimeLimits = LIMITS, **startup: str
) -> Engine:
    """An engine over the one-trip driver. A Lambda runtime serves one event at a time: one connection is enough.

    `startup` are options of the session. Only a connection straight to a server may have any.
    """
    addresses = (lambda _: address) if isinstance(address, DatabaseAddress) else address
    return create_engine(
        "postgresql+one_trip://",
        creator=lambda: _connect(addresses, limits, startup),
        poolclass=QueuePool,
        pool_size=pool_size,
        max_overflow=2,
        pool_timeout=limits.pool_s,
        pool_recycle=OLDEST_CONNECTION_S,
        insertmanyvalues_page_size=ROWS_AT_ONCE,
    )


def _connect(addresses: Addresses, limits: TimeLimits, startup: dict[str, str]) -> OneTripConnection:
    """A password that was changed is read once more before it counts as wrong."""
    try:
        return _connection(addresses(False), limits, startup)
    except pg8000.DatabaseError as error:
        if sqlstate(error) not in _WRONG_LOGIN:
            raise
        return _connection(addresses(True), limits, startup)


def _connection(address: DatabaseAddress, limits: TimeLimits, startup: dict[str, str]) -> OneTripConnection:
    context: Any = False
    if address.ssl:
        from falachefe.db.tls import context_of

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

        Raises `Unavailable` when Postgres cannot be reached; the block has then had no effect, unless it was the commit
        that got no answer, which may have been carried out.
        """
        with self._transaction(company_id) as session:
            yield session

    @contextmanager
    def snapshot(self, company_id: UUID) -> Iterator[Session]:
        """As `tenant`, for reading only: all statements of the block see the rows as the first one did."""
        with self._transaction(company_id, snapshot=True) as session:
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
        """A connection whose transaction has begun, with the tenant, in one round trip; `then` travels along.

        A runtime that slept may wake with a dead connection. Nothing has happened at this point, so a new one is
        tried, once for each connection that the pool may hold; but not after a time-out, which would be waited for
        again.
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
        except PoolTimeout as error:  # connections are all in use, which one event at a time never does
            raise no_answer() from error

    def dispose(self, *, close: bool = True) -> None:
        """Lets the connections go; without `close` nothing is said on them, for they may be others' too."""
        if self._engine is not None:
            self._engine.dispose(close=close)
            self._engine = None
