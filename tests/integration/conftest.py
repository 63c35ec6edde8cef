"""One real Postgres for the session, migrated once. Every test makes a company of its own."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import Engine, text

from falachefe.companies.models import Company
from falachefe.db.address import DatabaseAddress
from falachefe.db.engine import Database, make_engine
from falachefe.db.migrate import APPLICATION_ROLE, migrate, owner_engine
from falachefe.kernel.ids import new_id
from falachefe.plans.models import Subscription
from infra.local.stack.postgres import SUPERUSER, PostgresAddress, temporary_postgres
from infra.local.standins.rds_proxy import RdsProxy
from tests.integration.aws_fixtures import auth_table, aws, clock
from tests.integration.callers import as_role
from tests.integration.identity.people import email
from tests.integration.no_aws_in_transactions import no_calls_inside_transactions

__all__ = ["as_role", "auth_table", "aws", "clock", "email"]

APPLICATION_PASSWORD = "only-for-tests"
OWNER_ROLE, OWNER_PASSWORD = "falachefe_owner", "only-for-migrations"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def no_calls_to_aws_inside_transactions() -> Iterator[None]:
    with no_calls_inside_transactions() as caught:
        yield
    assert caught == []


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresAddress]:
    with temporary_postgres() as address:
        yield address


def superuser_address(postgres: PostgresAddress, database: str) -> DatabaseAddress:
    return DatabaseAddress(SUPERUSER, postgres.password, postgres.host, postgres.port, database, ssl=False)


def application_address(postgres: PostgresAddress, database: str) -> DatabaseAddress:
    return DatabaseAddress(APPLICATION_ROLE, APPLICATION_PASSWORD, postgres.host, postgres.port, database, ssl=False)


def owner_address(postgres: PostgresAddress, database: str) -> DatabaseAddress:
    return DatabaseAddress(OWNER_ROLE, OWNER_PASSWORD, postgres.host, postgres.port, database, ssl=False)


def new_database(postgres: PostgresAddress, name: str) -> Engine:
    """An empty database, and an engine that signs in to it as its owner.

    The owner is what an account's is: it makes roles and databases, is no superuser and bypasses no row security.
    """
    admin = make_engine(superuser_address(postgres, "postgres")).execution_options(isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        if not connection.scalar(text("select 1 from pg_roles where rolname = :name"), {"name": OWNER_ROLE}):
            connection.execute(
                text(
                    f"create role {OWNER_ROLE} login createrole createdb nosuperuser nobypassrls"
                    f" password '{OWNER_PASSWORD}'"
                )
            )
        connection.execute(text(f"create database {name} owner {OWNER_ROLE}"))
    admin.dispose()
    inside = make_engine(superuser_address(postgres, name))
    with inside.begin() as connection:
        # In an account the owner may do this (it has rds_superuser); here only a superuser.
        connection.execute(text("create extension vector"))
    inside.dispose()
    return owner_engine(owner_address(postgres, name))


@pytest.fixture(scope="session")
def superuser(postgres: PostgresAddress) -> Iterator[Engine]:
    """The migrated database as the superuser, who sees all companies' rows: for checking, never for acting."""
    owner = new_database(postgres, "falachefe")
    migrate(owner, application_address(postgres, "falachefe"))
    owner.dispose()
    engine = make_engine(superuser_address(postgres, "falachefe"))
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def proxy(superuser: Engine, postgres: PostgresAddress) -> Iterator[RdsProxy]:
    """What stands between functions and Postgres in an account. Nothing that the product does may pin a session."""
    standin = RdsProxy(application_address(postgres, "falachefe"), connections=24)
    yield standin
    standin.close()
    assert standin.refused == []
    assert sorted({(pin.reason, pin.statement) for pin in standin.pins}) == []


@pytest.fixture(scope="session")
def database(proxy: RdsProxy) -> Iterator[Database]:
    """The migrated database as functions see it: the application role, one company at a time, through the proxy."""
    address = replace(proxy.login, port=proxy.port)
    made = Database(lambda: make_engine(address, pool_size=4))
    yield made
    made.dispose()


@pytest.fixture
def company_id(database: Database) -> UUID:
    """A new company, so that no test meets another one's rows; its plan limits nothing."""
    identifier = new_id()
    with database.tenant(identifier) as session:
        session.add(Company(id=identifier, name="Padaria do Chefe"))
        session.flush()
        session.add(Subscription(company_id=identifier, plan_code="enterprise", starts_at=LONG_AGO))
    return identifier


@pytest.fixture(scope="session")
def migrations_folder() -> Path:
    return Path(__file__).parents[2] / "infra" / "migrations" / "falachefe_migrations"


@pytest.fixture
def pinning(proxy: RdsProxy) -> Iterator[None]:
    """For what an attacker, or a test of plans, says: it may pin a session. The product's own statements may not."""
    before = len(proxy.pins)
    yield
    del proxy.pins[before:]
