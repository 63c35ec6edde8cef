"""Tenant transactions: isolation, round trips, and behaviour when Postgres is unavailable."""

from collections.abc import Iterator
from typing import Any, cast
from uuid import UUID

import pytest
from sqlalchemy import Engine, Table, insert, literal_column, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.orm import Session

from falachefe.companies.models import Company
from falachefe.db.address import DatabaseAddress
from falachefe.db.driver import OneTripConnection
from falachefe.db.engine import Database, make_engine
from falachefe.db.statements import prepared
from falachefe.kernel.errors import Unavailable
from falachefe.kernel.ids import new_id
from infra.local.processes import free_port
from infra.local.stack.postgres import PostgresAddress
from tests.integration.conftest import application_address


@pytest.fixture
def database(postgres: PostgresAddress, superuser: Engine) -> Iterator[Database]:
    """A single connection, as in a function's runtime, so that effects on the next transaction show."""
    made = Database(lambda: make_engine(application_address(postgres, "falachefe")))
    yield made
    made.dispose()


def driver(session: Session) -> OneTripConnection:
    return cast(OneTripConnection, session.connection().connection.dbapi_connection)


def test_begin_tenant_select_commit_take_at_most_four_round_trips(database: Database, company_id: UUID) -> None:
    with database.tenant(company_id) as session:
        connection = driver(session)
        session.execute(select(Company))
    before = connection.trips
    with database.tenant(company_id) as session:
        assert driver(session) is connection
        names = session.scalars(select(Company.name).where(Company.id == company_id)).all()
    assert names == ["Padaria do Chefe"]
    assert connection.trips - before <= 4


def test_the_tenant_setting_ends_with_its_transaction(database: Database, company_id: UUID) -> None:
    with database.tenant(company_id) as session:
        connection = driver(session)
        assert session.scalar(text("select count(*) from companies")) == 1
    with database.no_tenant() as session:
        assert driver(session) is connection
        assert session.scalar(text("select count(*) from companies")) == 0


def test_a_failed_statement_leaves_the_connection_usable(database: Database, company_id: UUID) -> None:
    for _ in range(3):
        with pytest.raises(ProgrammingError), database.tenant(company_id) as session:
            session.execute(text("select nothing from nowhere where a = :a"), {"a": 1})
        with database.tenant(company_id) as session:
            assert session.scalar(text("select :n + 1"), {"n": 41}) == 42


def _add_and_fail(database: Database, company: UUID) -> None:
    with database.tenant(company) as session:
        session.add(Company(id=company, name="Nunca"))
        session.flush()
        raise RuntimeError("changed my mind")


def test_an_exception_in_the_block_rolls_back(database: Database) -> None:
    company = new_id()
    with pytest.raises(RuntimeError, match="changed my mind"):
        _add_and_fail(database, company)
    with database.tenant(company) as session:
        assert session.scalars(select(Company)).all() == []


def test_percent_signs_quotes_and_colons_are_stored_unchanged(database: Database, company_id: UUID) -> None:
    odd = '100% d\'água: "%s" $1 \\ ünïcode 🍞'
    with database.tenant(company_id) as session:
        assert session.scalar(text("select cast(:odd as text) || '%'"), {"odd": odd}) == odd + "%"
        assert session.scalar(text("select '%s 50% $1'")) == "%s 50% $1"


def test_an_unreachable_database_is_unavailable_and_nothing_else(postgres: PostgresAddress) -> None:
    nowhere = DatabaseAddress("falachefe_app", "x", "127.0.0.1", free_port(), "falachefe", ssl=False)
    with pytest.raises(Unavailable), Database(lambda: make_engine(nowhere)).tenant(new_id()):
        pass


def test_a_connection_dropped_by_the_server_is_replaced(
    database: Database, superuser: Engine, company_id: UUID
) -> None:
    with database.tenant(company_id) as session:
        pid = session.scalar(text("select pg_backend_pid()"))
    with superuser.connect() as admin:
        admin.execute(text("select pg_terminate_backend(:pid)"), {"pid": pid})
    with database.tenant(company_id) as session:
        assert session.scalar(text("select 1")) == 1


def test_a_connection_lost_during_a_transaction_is_unavailable_and_the_next_works(
    database: Database, superuser: Engine, company_id: UUID
) -> None:
    with pytest.raises(Unavailable):
        _lose_connection(database, superuser, company_id)
    with database.tenant(company_id) as session:
        assert session.scalar(text("select 1")) == 1


def _lose_connection(database: Database, superuser: Engine, company_id: UUID) -> None:
    with database.tenant(company_id) as session:
        pid = session.scalar(text("select pg_backend_pid()"))
        with superuser.connect() as admin:
            admin.execute(text("select pg_terminate_backend(:pid)"), {"pid": pid})
        session.execute(text("select :n"), {"n": 1})


def test_a_violated_constraint_is_an_integrity_error(database: Database, company_id: UUID) -> None:
    with pytest.raises(IntegrityError), database.tenant(company_id) as session:
        session.execute(insert(Company).values(id=company_id, name="Outra"))


# ---- one transaction in one round trip


@prepared
def names() -> Any:
    return select(cast(Table, Company.__table__).c.name)


@prepared
def by_zero() -> Any:
    return select(literal_column("1 / (length(name) - length(name))").label("n")).select_from(
        cast(Table, Company.__table__)
    )


def test_run_in_one_trip_sees_its_company_and_takes_one_round_trip(database: Database, company_id: UUID) -> None:
    with database.tenant(company_id) as session:
        connection = driver(session)
    trips = connection.trips
    mine, nobody_s = names(), names()
    database.run_in_one_trip(company_id, mine)
    assert connection.trips - trips == 1
    database.run_in_one_trip(None, nobody_s)

    assert ([row.name for row in mine.result], nobody_s.result) == (["Padaria do Chefe"], [])


def test_run_in_one_trip_replaces_a_dropped_connection(database: Database, superuser: Engine, company_id: UUID) -> None:
    with database.tenant(company_id) as session:
        pid = session.scalar(text("select pg_backend_pid()"))
    with superuser.connect() as admin:
        admin.execute(text("select pg_terminate_backend(:pid)"), {"pid": pid})
    query = names()

    database.run_in_one_trip(company_id, query)

    assert len(query.result) == 1


def test_run_in_one_trip_raises_an_error_and_keeps_the_connection_usable(database: Database, company_id: UUID) -> None:
    for _ in range(3):
        with pytest.raises(DBAPIError, match="division by zero"):
            database.run_in_one_trip(company_id, by_zero())
        query = names()
        database.run_in_one_trip(company_id, query)
        assert len(query.result) == 1


def test_run_in_one_trip_without_a_server_is_unavailable(postgres: PostgresAddress) -> None:
    nowhere = DatabaseAddress("falachefe_app", "x", "127.0.0.1", free_port(), "falachefe", ssl=False)
    with pytest.raises(Unavailable):
        Database(lambda: make_engine(nowhere)).run_in_one_trip(new_id(), names())
