"""Through RDS Proxy: what it refuses, how it shares connections, what it would pin for, and when it falls silent.

All integration tests go through the same stand-in, and fail at the end when any of their statements would pin.
"""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import Engine, Table, bindparam, insert, text

from falachefe.app.schema import metadata
from falachefe.db.address import DatabaseAddress
from falachefe.db.driver import OneTripDialect
from falachefe.db.engine import (
    LIMITS,
    ROWS_AT_ONCE,
    Database,
    TimeLimits,
    make_engine,
)
from falachefe.kernel.errors import Unavailable
from falachefe.kernel.ids import new_id
from infra.local.stack.postgres import PostgresAddress
from infra.local.standins.rds_proxy import RdsProxy, pin_of
from tests.integration.conftest import application_address

SOON = TimeLimits(connect_s=0.3, answer_s=0.3)


@pytest.fixture
def standin(postgres: PostgresAddress, superuser: Engine) -> Iterator[RdsProxy]:
    made = RdsProxy(application_address(postgres, "falachefe"), connections=2, borrow_s=0.3)
    yield made
    made.close()


@pytest.fixture
def through(standin: RdsProxy) -> Iterator[Database]:
    made = Database(lambda: make_engine(at(standin)))
    yield made
    made.dispose()


def at(standin: RdsProxy) -> DatabaseAddress:
    return replace(standin.login, port=standin.port)


def test_startup_options_are_refused(standin: RdsProxy) -> None:
    """With start-up options no function could connect."""
    engine = make_engine(at(standin), statement_timeout="5000")
    with pytest.raises(Exception, match=r"0A000.*statement_timeout"):
        engine.connect()
    assert standin.refused == ["statement_timeout"]


def test_functions_send_no_startup_options_and_the_limits_hold(through: Database, standin: RdsProxy) -> None:
    with through.no_tenant() as session:
        names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "TimeZone")
        found = {name: session.scalar(text(f"show {name}")) for name in names}

    assert found == {
        "statement_timeout": "5s",
        "lock_timeout": "3s",
        "idle_in_transaction_session_timeout": "15s",
        "TimeZone": "UTC",
    }
    assert standin.refused == []


def test_transactions_on_different_connections_see_only_their_company(through: Database, superuser: Engine) -> None:
    companies = [new_id(), new_id()]
    seen, pids = [], set()
    for company in companies:
        with through.tenant(company) as session:
            session.execute(text("insert into companies (id, name) values (:id, 'Padaria')"), {"id": company})
    for _ in range(3):
        for company in companies:
            with through.tenant(company) as session:
                seen.append(session.execute(text("select id from companies")).scalars().all() == [company])
                pids.add(session.scalar(text("select pg_backend_pid()")))
        with through.no_tenant() as session:
            seen.append(session.scalar(text("select count(*) from companies")) == 0)

    assert all(seen)
    assert len(pids) == 2


@pytest.mark.parametrize("table", metadata.sorted_tables, ids=str)
def test_a_bulk_insert_stays_below_the_size_that_pins(table: Table) -> None:
    """The engine splits a bulk insert into statements of a limited number of rows."""
    row = {column.name: bindparam(None, type_=column.type) for column in table.columns}
    statement = insert(table).values([row] * ROWS_AT_ONCE).returning(*table.columns)

    assert pin_of(str(statement.compile(dialect=OneTripDialect()))) is None  # type: ignore[no-untyped-call]


@pytest.mark.parametrize(
    "statement",
    [
        "set statement_timeout = 0",
        "begin; SET LOCAL lock_timeout = '1s'",
        "reset all",
        "prepare q as select 1",
        "discard all",
        "declare c cursor for select 1",
        "listen news",
        "select set_config('app.company_id', 'x', false)",
        "create temp table t (n int)",
        "select nextval('s')",
        "select pg_advisory_lock(1)",
        "select pg_try_advisory_lock(1)",
        f"select '{'x' * 16384}'",
    ],
)
def test_the_stand_in_pins_like_rds_proxy(statement: str) -> None:
    assert pin_of(statement) is not None
    assert pin_of("select 1", name="a_name") is not None


@pytest.mark.parametrize(
    "statement",
    [
        "begin transaction; select set_config('app.company_id', 'x', true)",
        "select pg_advisory_xact_lock(hashtextextended('x', 0))",
        "update companies set name = 'reset'",
        "select 1",
        "commit",
    ],
)
def test_the_stand_in_pins_for_nothing_else(statement: str) -> None:
    assert pin_of(statement) is None


def test_a_pinned_client_keeps_its_connection(standin: RdsProxy, through: Database) -> None:
    with through.no_tenant() as session:
        session.execute(text("set work_mem = '5MB'"))
    pids = set()
    for _ in range(4):
        with through.no_tenant() as session:
            pids.add(session.scalar(text("select pg_backend_pid()")))

    assert [pin.reason for pin in standin.pins] == ["SET"]
    assert len(pids) == 1


# ---- silence


def test_a_proxy_that_accepts_but_does_not_answer_is_an_outage(standin: RdsProxy) -> None:
    standin.silent.set()

    with pytest.raises(Unavailable) as caught, Database(lambda: make_engine(at(standin), limits=SOON)).no_tenant():
        pass
    assert caught.value.retry_after


def test_a_proxy_that_stops_answering_is_waited_for_once(standin: RdsProxy) -> None:
    """A function has time for one such wait, not for a second."""
    database = Database(lambda: make_engine(at(standin), limits=SOON))
    with database.no_tenant() as session:
        session.execute(text("select 1"))
    before = standin.statements
    standin.mute.set()

    with pytest.raises(Unavailable), database.no_tenant():
        pass
    assert standin.statements == before + 1

    standin.mute.clear()
    with database.no_tenant() as session:
        assert session.scalar(text("select 1")) == 1
    database.dispose()


def test_a_connection_closed_by_the_proxy_is_replaced(standin: RdsProxy, through: Database) -> None:
    for _ in range(2):
        with through.no_tenant() as session:
            assert session.scalar(text("select 1")) == 1
        standin.drop_clients()


def test_no_free_connection_is_an_outage(standin: RdsProxy, through: Database) -> None:
    with standin.borrowed(), standin.borrowed(), pytest.raises(Unavailable), through.no_tenant():
        pass


# ---- a new password


def test_a_rotated_password_is_read_again(standin: RdsProxy) -> None:
    asked = []

    def address(fresh: bool) -> DatabaseAddress:
        asked.append(fresh)
        return at(standin) if fresh else replace(at(standin), password="the one before")

    database = Database(lambda: make_engine(address))
    with database.no_tenant() as session:
        assert session.scalar(text("select 1")) == 1
    assert asked == [False, True]
    database.dispose()


def test_a_wrong_password_is_an_outage_and_read_again_once(standin: RdsProxy) -> None:
    asked = []

    def address(fresh: bool) -> DatabaseAddress:
        asked.append(fresh)
        return replace(at(standin), password="wrong")

    with pytest.raises(Unavailable), Database(lambda: make_engine(address)).no_tenant():
        pass
    assert asked == [False, True]


def test_the_timeouts_of_a_function_nest() -> None:
    assert LIMITS.lock_s < LIMITS.statement_s < LIMITS.answer_s < LIMITS.idle_in_transaction_s
