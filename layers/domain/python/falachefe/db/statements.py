"""Statements of the hot paths: built and compiled once a process, and sent several at a time.

A statement is compiled at its first use; a call only binds its values. A deferred statement, whose result is not
needed yet, waits on the connection and is sent with the next one that is run, or with the commit. Reading a company's
row takes 0.15 ms of processor time this way, and 0.5 ms when SQLAlchemy builds the statement for each call (coercions,
cache keys, result metadata); four reads take one round trip and 0.7 ms instead of four and 1.2 ms. That justifies a
second way of writing SQL where a statement runs for every message or every request, and nowhere else:

- a message and its turn, about thirty statements: `messaging/inbound/` (`process`, `crew_port`, `stored_messages`),
  `messaging/conversations/` (`service`, `contacts`, `skipped`), `messaging/channels/registration.py`,
  `companies/service.py`, `phone_sign_in/people.py`, `plans/limits.py`, `crews/turns/` (`start`, `messaging_adapter`,
  `claim`, `tool_calls`, `finish`, `task_endings`), and the tool that people use most, the ledger entry of
  `finance/service.py`;
- a request: its caller (`access/staff.py`, `api_keys/authenticator.py`), and the audit row that is sent with its commit
  (`audit/service.py`, `audit/timing_safe.py`);
- the list of all companies, each of which is read in a transaction of its own: 4 ms a company in one round trip and
  10 ms with plain statements (`administration/companies.py`, and the counts of `accounts/user_limit.py`).

A test checks this list (`tests/unit/db/test_statements.py`); everything else is written with the ORM or Core.

pg8000 already gives Python values (UUID, Decimal, datetime, JSON), so rows are not processed any further.
"""

from collections import namedtuple
from collections.abc import Callable
from functools import cache, cached_property
from typing import Any, Final, Never, cast

import pg8000
from sqlalchemy import Connection
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from falachefe.db.driver import Context, OneTripConnection, OneTripDialect

_MUST_BE_GIVEN: Final = object()


@cache
def _dialect() -> Dialect:
    return OneTripDialect(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]


class Query[T]:
    """One call of a prepared statement. `result` is available once the statement has run."""

    __slots__ = ("_context", "_prepared", "_read", "_values")

    def __init__(self, prepared: "Prepared", read: Callable[[list[Any]], T], values: dict[str, Any]) -> None:
        self._prepared = prepared
        self._read = read
        self._values = prepared.bind(values)
        self._context: Context | None = None

    @property
    def result(self) -> T:
        if self._context is None or self._context.row_count == -1 or self._context.error is not None:
            raise RuntimeError("the statement has not run")
        make = self._prepared.row
        return self._read([make(row) for row in self._context.rows or ()])

    def queue(self, driver: OneTripConnection) -> None:
        self._context = driver.queue(self._prepared.sql, self._values)


class Prepared:
    """A Core statement whose parameters are named `bindparam`s; created by `prepared`."""

    def __init__(self, build: Callable[[], Any]) -> None:
        self.build = build

    def __call__(self, **values: Any) -> Query[list[Any]]:
        """A call whose result is the list of rows."""
        return Query(self, _unchanged, values)

    def read[T](self, read: Callable[[list[Any]], T], **values: Any) -> Query[T]:
        """A call whose result is `read` applied to the rows."""
        return Query(self, read, values)

    @cached_property
    def _compiled(self) -> Any:
        return self.build().compile(dialect=_dialect(), compile_kwargs={"render_postcompile": True})

    @cached_property
    def sql(self) -> str:
        return str(self._compiled)

    @cached_property
    def row(self) -> Callable[[list[Any]], Any]:
        columns = getattr(self._compiled.statement, "exported_columns", None)
        names = [str(key) for key in columns.keys()] if columns is not None else []  # noqa: SIM118  # no mapping
        kind: Any = namedtuple("Row", names, rename=True)  # type: ignore[misc]  # known at run time only
        return cast(Callable[[list[Any]], Any], kind._make)

    @cached_property
    def _slots(self) -> list[tuple[str, Callable[[Any], Any] | None, Any]]:
        """For each parameter in order: its name, the conversion of its value for the driver, and its default."""
        compiled = self._compiled
        fallback = {column.key: column.default for column in (*compiled.insert_prefetch, *compiled.update_prefetch)}
        slots = []
        for name in compiled.positiontup or ():
            parameter = compiled.binds[name]
            default = _MUST_BE_GIVEN if parameter.required else parameter.value
            if name in fallback:
                default = fallback[name].arg(None) if fallback[name].is_callable else fallback[name].arg
            process = parameter.type.dialect_impl(compiled.dialect).bind_processor(compiled.dialect)
            slots.append((name, process, default))
        return slots

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(name for name, _, _ in self._slots)

    def bind(self, values: dict[str, Any]) -> list[Any]:
        if not values.keys() <= self._names:
            raise TypeError(f"the statement has no {', '.join(sorted(values.keys() - self._names))}")
        bound = []
        for name, process, default in self._slots:
            value = values.get(name, default)
            if value is _MUST_BE_GIVEN:
                raise TypeError(f"no value for {name}")
            bound.append(value if process is None else process(value))
        return bound


def _unchanged(rows: list[Any]) -> list[Any]:
    return rows


def prepared(build: Callable[[], Any]) -> Prepared:
    """A prepared statement from the function that builds it, built on first use to keep cold starts short."""
    return Prepared(build)


def _driver(connection: Connection) -> OneTripConnection:
    return cast(OneTripConnection, connection.connection.dbapi_connection)


def defer(session: Session, *queries: Query[Any]) -> None:
    """Queues the statements, in order; they are sent with the next one that is run, or with the commit.

    An error is raised only then, so use it for statements that are not expected to fail.
    """
    driver = _driver(session.connection())
    for query in queries:
        query.queue(driver)


def run(session: Session, *queries: Query[Any]) -> None:
    """Runs the queued statements and these in one round trip; then their results are available."""
    connection = session.connection()
    driver = _driver(connection)
    for query in queries:
        query.queue(driver)
    flush(connection)


def flush(connection: Connection) -> None:
    """Sends the statements queued on the connection; raises SQLAlchemy's errors."""
    try:
        _driver(connection).flush()
    except pg8000.Error as error:
        _fail(connection, error)


def fetch[T](session: Session, query: Query[T]) -> T:
    run(session, query)
    return query.result


def _fail(connection: Connection, error: pg8000.Error) -> Never:
    """Raises SQLAlchemy's exception for the error, without parameter values."""
    lost = connection.dialect.is_disconnect(error, None, None)
    if lost:
        connection.invalidate(error)
    raise DBAPIError.instance(
        None,
        None,
        error,
        pg8000.Error,
        hide_parameters=True,
        connection_invalidated=lost,
        dialect=connection.dialect,
    ) from error
