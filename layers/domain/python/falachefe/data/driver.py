"""pg8000 with one network round trip a statement, and one for `BEGIN` together with the tenant.

pg8000 alone needs three trips for each statement with parameters (parse, describe and bind, execute), and three
for `COMMIT`. The protocol lets all of them travel at once: the server answers in order and skips to `Sync` on an
error. Statements stay unnamed, so a transaction-pooling proxy (RDS Proxy) never has to pin the connection.
"""

import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from typing import Any, cast
from uuid import UUID

import pg8000
from pg8000 import dbapi
from pg8000.converters import make_params
from pg8000.core import NULL_BYTE, SYNC_MSG, Context, _flush, _write
from sqlalchemy.dialects.postgresql.pg8000 import PGDialect_pg8000

_BEGIN = "begin transaction"

_ERROR_OF_CLASS = {
    "08": pg8000.OperationalError,  # connection
    "22": pg8000.DataError,
    "23": pg8000.IntegrityError,
    "40": pg8000.OperationalError,  # serialization failure, deadlock
    "42": pg8000.ProgrammingError,
    "53": pg8000.OperationalError,  # out of resources
    "55": pg8000.OperationalError,  # lock not available
    "57": pg8000.OperationalError,  # shutdown, statement timeout
}


@lru_cache(maxsize=1024)
def _numbered_placeholders(operation: str) -> str:
    """`%s` as `$1`, once a statement: pg8000 walks the text character by character each time."""
    statement, _ = dbapi.convert_paramstyle("format", operation, ())
    return cast(str, statement)


class OneTripConnection(dbapi.Connection):  # type: ignore[misc]  # pg8000 carries no types
    """`tenant` is the company whose rows the next transactions see; None means no company's rows."""

    tenant: UUID | None = None
    trips = 0
    """Round trips so far, for the benchmark and its test."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self._usock.family != socket.AF_UNIX:
            # A statement longer than the write buffer (8 KiB) leaves in several segments; with Nagle's algorithm the
            # last one waits for the server's delayed acknowledgement, 40 ms each time.
            self._usock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def cursor(self) -> "OneTripCursor":
        return OneTripCursor(self)

    def begin(self, *then: str) -> None:
        """Begins the tenant's transaction; statements in `then` (without parameters) ride in the same round trip."""
        statements = [_BEGIN]
        if self.tenant is not None:
            # A UUID's text holds only hexadecimal digits and dashes, so it needs no quoting.
            statements.append(f"select set_config('app.company_id', '{UUID(str(self.tenant))}', true)")
        self.execute_simple("; ".join((*statements, *then)))

    def commit(self) -> None:
        self.execute_simple("commit")

    def rollback(self) -> None:
        if self._in_transaction:
            self.execute_simple("rollback")

    def handle_messages(self, context: Context) -> None:
        self.trips += 1
        try:
            super().handle_messages(context)
        except OSError as error:  # pg8000 turns only some of these into its own
            raise pg8000.InterfaceError("network error") from error

    def close(self) -> None:
        # On a dead connection the farewell fails, and pg8000 would leave the socket and its file open.
        file, plug = self._sock, self._usock
        with suppress(OSError, pg8000.InterfaceError):
            super().close()
        with suppress(OSError):
            if file is not None:
                file.close()
        if plug is not None:
            plug.close()

    def handle_ERROR_RESPONSE(self, data: bytes, context: Context) -> None:  # noqa: N802  # pg8000's name
        """Tells the kinds of error apart by SQLSTATE class, which pg8000 leaves to the reader of the message."""
        super().handle_ERROR_RESPONSE(data, context)
        fields = context.error.args[0]
        kind = _ERROR_OF_CLASS.get(str(fields.get("C", ""))[:2])
        if kind is not None:
            context.error = kind(fields)

    def execute_unnamed(
        self, statement: str, vals: Sequence[object] = (), oids: Sequence[int] = (), stream: object = None
    ) -> Context:
        context = Context(statement, stream=stream)
        self.send_PARSE(NULL_BYTE, statement, oids)
        self.send_DESCRIBE_STATEMENT(NULL_BYTE)
        self.send_BIND(NULL_BYTE, make_params(self.py_types, vals))
        self.send_EXECUTE()
        _write(self._sock, SYNC_MSG)
        _flush(self._sock)
        self.handle_messages(context)
        return context


class OneTripCursor(dbapi.Cursor):  # type: ignore[misc]
    def execute(self, operation: str, args: Sequence[object] = (), stream: object = None) -> None:
        connection = self._c
        if connection is None:
            raise dbapi.InterfaceError("Cursor closed")
        if connection._sock is None:
            raise dbapi.InterfaceError("connection is closed")
        if not connection._in_transaction and not connection.autocommit:
            connection.begin()
        oids = cast("tuple[int, ...]", self._input_oids)  # type: ignore[has-type]
        if not args and stream is None:
            self._context = connection.execute_simple(operation)
        else:
            self._context = connection.execute_unnamed(
                _numbered_placeholders(operation), vals=args, oids=oids, stream=stream
            )
        self._row_iter = None if self._context.rows is None else iter(self._context.rows)
        self._input_oids = ()


class _OneTripModule:
    """The DBAPI module that SQLAlchemy sees: pg8000 with our `connect`."""

    def __getattr__(self, name: str) -> object:
        return getattr(pg8000, name)

    @staticmethod
    def connect(**options: Any) -> OneTripConnection:
        return OneTripConnection(**options)


class OneTripDialect(PGDialect_pg8000):
    supports_statement_cache = True

    def is_disconnect(self, e: Exception, connection: Any, cursor: Any) -> bool:
        # 57P01–57P03: an administrator or a failover ended the session.
        if e.args and isinstance(e.args[0], dict) and str(e.args[0].get("C", "")).startswith("57P"):
            return True
        return bool(super().is_disconnect(e, connection, cursor))  # type: ignore[no-untyped-call]

    @classmethod
    def import_dbapi(cls) -> Any:
        return _OneTripModule()


@contextmanager
def counted_trips(connection: OneTripConnection, report: Callable[[int], None]) -> Iterator[None]:
    """Tells `report` how many round trips the block took."""
    before = connection.trips
    yield
    report(connection.trips - before)
