"""pg8000 with one network round trip for any number of statements, and one for `BEGIN` together with the tenant.

pg8000 alone needs three round trips for each statement with parameters (parse, describe and bind, execute) and three
for `COMMIT`. The protocol allows pipelining: the server answers in order and skips to `Sync` on an error. Queued
statements are sent with the next one or with the commit, which the server skips too if one of them fails. Statements
are unnamed, so that a transaction-pooling proxy (RDS Proxy) does not pin the connection.
"""

import socket
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Any, cast
from uuid import UUID

import pg8000
from pg8000 import dbapi
from pg8000.converters import make_params
from pg8000.core import (
    BIND,
    COMMAND_COMPLETE,
    DESCRIBE,
    EMPTY_QUERY_RESPONSE,
    ERROR_RESPONSE,
    EXECUTE_MSG,
    NULL_BYTE,
    PARSE,
    READY_FOR_QUERY,
    STATEMENT,
    SYNC_MSG,
    Context,
    H_pack,
    _create_message,
    _flush,
    _write,
    ci_unpack,
    i_pack,
)
from sqlalchemy.dialects.postgresql.pg8000 import PGDialect_pg8000

from falachefe.db.outages import ends_the_session

__all__ = ["Context", "OneTripConnection", "OneTripDialect", "found_dead"]

_BEGIN = "begin transaction"
_SNAPSHOT = " isolation level repeatable read, read only"
_MAX_DESCRIPTIONS = 512

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
    """`%s` to `$1`, cached, because pg8000 would parse the text character by character on every execution."""
    statement, _ = dbapi.convert_paramstyle("format", operation, ())
    return cast(str, statement)


class OneTripConnection(dbapi.Connection):  # type: ignore[misc]  # pg8000 carries no types
    """`tenant` is the company of the next transactions; None means no company."""

    tenant: UUID | None = None
    trips = 0
    """Round trips so far, for the benchmark and its test."""

    def __init__(self, *, answer_timeout: float | None = None, **options: Any) -> None:
        """`timeout` (pg8000's) is for each step of connecting, `answer_timeout` for each answer afterwards."""
        self._queued: list[tuple[Sequence[object], Context]] = []
        self._descriptions: dict[bytes, tuple[list[Any], list[Any]]] = {}
        plug: socket.socket | None = None
        try:
            # Created here, because pg8000 leaks its own when the server does not answer or its certificate is invalid.
            plug = socket.create_connection((options["host"], options["port"]), options.get("timeout"))
            plug.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            super().__init__(sock=plug, **options)
        except BaseException as error:
            if plug is not None:
                plug.close()
            if isinstance(error, OSError):  # pg8000 converts only some of these
                raise pg8000.InterfaceError(f"network error: {error}") from error
            raise
        self._usock.settimeout(answer_timeout)
        if self.parameter_statuses.get("TimeZone", "UTC") != "UTC":
            # Usually the role's default. Where it is not set yet, this costs a round trip and pins at a proxy.
            super().execute_simple("set time zone 'UTC'")
        if self._usock.family != socket.AF_UNIX:
            # A statement longer than the write buffer (8 KiB) leaves in several segments; with Nagle's algorithm the
            # last one waits for the server's delayed acknowledgement, 40 ms each time.
            self._usock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    @property
    def socket(self) -> socket.socket:
        """The socket, for taking over the session after authentication (infra/local/standins/rds_proxy.py)."""
        return cast(socket.socket, self._usock)

    def cursor(self) -> "OneTripCursor":
        return OneTripCursor(self)

    def begin(self, *then: str, snapshot: bool = False) -> None:
        """Begins the tenant's transaction, with the statements `then` (without parameters) in the same round trip.

        `snapshot`: read-only, with one snapshot for all statements.
        """
        statements = [_BEGIN + _SNAPSHOT if snapshot else _BEGIN]
        if self.tenant is not None:
            # A UUID's text holds only hexadecimal digits and dashes, so it needs no quoting.
            statements.append(f"select set_config('app.company_id', '{UUID(str(self.tenant))}', true)")
        self.execute_simple("; ".join((*statements, *then)))

    def queue(self, statement: str, values: Sequence[object]) -> Context:
        """Queues a statement (placeholders `$1`, `$2`…); its rows are in the context after the next flush."""
        context = Context(statement)
        self._queued.append((values, context))
        return context

    def flush(self) -> None:
        """Runs the queued statements in order; raises the first error, after which the others have not run."""
        if not self._queued:
            return
        queued, self._queued = self._queued, []
        if self._sock is None:
            raise pg8000.InterfaceError("connection is closed")
        message = bytearray()
        for values, context in queued:
            message += self._extended(context.statement, values)
        message += SYNC_MSG
        _write(self._sock, bytes(message))
        _flush(self._sock)
        self._take_answers([context for _, context in queued])

    def commit(self) -> None:
        if self._queued:
            self.queue("commit", ())
            self.flush()
        else:
            self.execute_simple("commit")

    def rollback(self) -> None:
        self._queued.clear()
        if self._in_transaction:
            self.execute_simple("rollback")

    def execute_simple(self, statement: str) -> Context:
        self.flush()
        return super().execute_simple(statement)

    def _extended(self, statement: str, values: Sequence[object], oids: Sequence[int] = ()) -> bytes:
        """Parse, describe, bind and execute without pg8000's `Flush` after each, which would split the response."""
        encoding = self._client_encoding
        parse = bytearray(NULL_BYTE)
        parse += statement.encode(encoding) + NULL_BYTE + H_pack(len(oids))
        for oid in oids:
            parse += i_pack(0 if oid == -1 else oid)
        try:
            parameters = make_params(self.py_types, values)
        except OverflowError as error:  # a moment near an end of the calendar that is out of range in UTC
            raise pg8000.DataError({"C": "22008", "M": "timestamp out of range"}) from error
        bind = bytearray(NULL_BYTE + NULL_BYTE + H_pack(0) + H_pack(len(parameters)))
        for value in parameters:
            if value is None:
                bind += i_pack(-1)
            else:
                encoded = value.encode(encoding)
                bind += i_pack(len(encoded)) + encoded
        bind += H_pack(0)
        messages = (
            _create_message(PARSE, parse),
            _create_message(DESCRIBE, STATEMENT + NULL_BYTE),
            _create_message(BIND, bind),
            EXECUTE_MSG,
        )
        return b"".join(messages)

    def _take_answers(self, contexts: Sequence[Context]) -> None:
        """Reads the responses to statements that were sent together, up to `ReadyForQuery`."""
        self.trips += 1
        answering = iter(contexts)
        context = next(answering)
        failed: Context | None = None
        handlers = self.message_types
        code = None
        while code != READY_FOR_QUERY:
            code, size = ci_unpack(self._bytes(5))
            handlers[code](self._bytes(size - 4), context)
            if code == ERROR_RESPONSE:
                failed = context
            elif code in (COMMAND_COMPLETE, EMPTY_QUERY_RESPONSE):
                context = next(answering, context)
        if failed is not None:
            raise failed.error

    def _bytes(self, size: int) -> bytes:
        try:
            read: bytes = self._sock.read(size)
        except OSError as error:
            raise pg8000.InterfaceError("network error") from error
        if len(read) < size:
            raise pg8000.InterfaceError("network error")
        return read

    def handle_ROW_DESCRIPTION(self, data: bytes, context: Context) -> None:  # noqa: N802  # pg8000's name
        """Cached, because the same statements return the same row descriptions."""
        known = self._descriptions.get(data)
        if known is None:
            super().handle_ROW_DESCRIPTION(data, context)
            if len(self._descriptions) >= _MAX_DESCRIPTIONS:
                self._descriptions.clear()
            self._descriptions[bytes(data)] = context.columns, context.input_funcs
        else:
            context.columns, context.input_funcs = known
            if context.rows is None:
                context.rows = []

    def handle_messages(self, context: Context) -> None:
        self.trips += 1
        try:
            super().handle_messages(context)
        except OSError as error:  # pg8000 turns only some of these into its own
            raise pg8000.InterfaceError("network error") from error

    def close(self) -> None:
        # On a dead connection the `Terminate` message fails, and pg8000 would leave the socket and its file open.
        file, plug = self._sock, self._usock
        with suppress(OSError, pg8000.InterfaceError):
            super().close()
        with suppress(OSError):
            if file is not None:
                file.close()
        if plug is not None:
            plug.close()

    def handle_ERROR_RESPONSE(self, data: bytes, context: Context) -> None:  # noqa: N802  # pg8000's name
        """Maps errors to DBAPI classes by SQLSTATE, which pg8000 does not do."""
        super().handle_ERROR_RESPONSE(data, context)
        fields = context.error.args[0]
        kind = _ERROR_OF_CLASS.get(str(fields.get("C", ""))[:2])
        if kind is not None:
            context.error = kind(fields)

    def execute_unnamed(
        self, statement: str, vals: Sequence[object] = (), oids: Sequence[int] = (), stream: object = None
    ) -> Context:
        if stream is not None:
            raise pg8000.NotSupportedError("no streams here")
        context = Context(statement)
        if oids:
            self.flush()
            _write(self._sock, self._extended(statement, vals, oids) + SYNC_MSG)
            _flush(self._sock)
            self._take_answers([context])
        else:
            self._queued.append((vals, context))
            self.flush()
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

    def close(self) -> None:
        """Releases the rows at once: SQLAlchemy's results are in a reference cycle until garbage collection."""
        super().close()
        self._row_iter = None
        if self._context is not None:
            self._context.rows = None


class _OneTripModule:
    """The DBAPI module for SQLAlchemy: pg8000 with another `connect`."""

    def __getattr__(self, name: str) -> object:
        return getattr(pg8000, name)

    @staticmethod
    def connect(**options: Any) -> OneTripConnection:
        return OneTripConnection(**options)


def found_dead(error: BaseException | None) -> bool:
    """Whether the connection was dead before anything was sent, so that a new one may try the same.

    False for a timeout, because the next attempt would take as long.
    """
    gone = isinstance(error, pg8000.InterfaceError) or (error is not None and ends_the_session(error))
    cause = error
    while cause is not None:
        if isinstance(cause, TimeoutError):
            return False
        cause = cause.__cause__
    return gone


class OneTripDialect(PGDialect_pg8000):
    supports_statement_cache = True

    def is_disconnect(self, e: Exception, connection: Any, cursor: Any) -> bool:
        if ends_the_session(e):
            return True
        return bool(super().is_disconnect(e, connection, cursor))  # type: ignore[no-untyped-call]

    def set_isolation_level(self, dbapi_connection: Any, level: str) -> None:
        """Reading the level has begun a transaction; it is ended, since no index can be created concurrently in one."""
        if level == "AUTOCOMMIT":
            dbapi_connection.rollback()
        super().set_isolation_level(dbapi_connection, level)  # type: ignore[no-untyped-call]

    @classmethod
    def import_dbapi(cls) -> Any:
        return _OneTripModule()
