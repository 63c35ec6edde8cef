"""What the server cancels by itself is reported to callers as an outage, never as an error of the message."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from falachefe.companies.models import Company
from falachefe.db.engine import Database, make_engine
from falachefe.db.outages import outage
from falachefe.kernel.errors import Unavailable
from infra.local.stack.postgres import PostgresAddress
from tests.integration.conftest import application_address

OUTAGES = (
    *("08000", "08003", "08006", "53000", "53300", "53400", "57014", "57P01", "57P02", "57P03", "57P05"),
    *("55P03", "40001", "40P01", "25006", "25P03", "25P04", "28P01"),
)


@pytest.fixture
def direct(postgres: PostgresAddress, superuser: Engine) -> Iterator[Database]:
    made = Database(lambda: make_engine(application_address(postgres, "falachefe"), pool_size=2))
    yield made
    made.dispose()


def limited(session: Session, **limits: str) -> None:
    """The role's session limits, shortened for the tests."""
    for name, value in limits.items():
        session.execute(text("select set_config(:name, :value, true)"), {"name": name, "value": value})


def sleep_within(session: Session, **limits: str) -> None:
    limited(session, **limits)
    session.execute(text("select pg_sleep(5)"))


def lock(session: Session, company_id: UUID, **limits: str) -> Company:
    limited(session, **limits)
    return session.query(Company).with_for_update().filter(Company.id == company_id).one()


def test_a_statement_timeout_is_an_outage_with_retry_after(direct: Database, company_id: UUID) -> None:
    with pytest.raises(Unavailable) as caught, direct.tenant(company_id) as session:
        sleep_within(session, statement_timeout="50ms")

    assert (caught.value.status, caught.value.retry_after) == (503, 5)
    assert "ocupado" in caught.value.detail
    with direct.tenant(company_id) as session:
        assert session.scalar(text("select 1")) == 1


def test_a_lock_timeout_is_an_outage_with_retry_after(direct: Database, company_id: UUID) -> None:
    with direct.tenant(company_id) as holder:
        lock(holder, company_id)
        with pytest.raises(Unavailable) as caught, direct.tenant(company_id) as session:
            lock(session, company_id, lock_timeout="50ms")
    assert (caught.value.status, caught.value.retry_after) == (503, 1)


def test_an_idle_transaction_is_ended_and_its_locks_released(direct: Database, company_id: UUID) -> None:
    """A killed function does not close its connection, and its locks would stay."""
    left = direct.tenant(company_id)
    session = left.__enter__()
    lock(session, company_id)
    limited(session, idle_in_transaction_session_timeout="100ms")

    with direct.tenant(company_id) as other:  # waits for as long as the server lets the first one idle
        lock(other, company_id).name = "Padaria da Chefe"

    with pytest.raises(Unavailable):
        left.__exit__(*_use(session))
    with direct.tenant(company_id) as after:
        assert after.scalar(text("select name from companies")) == "Padaria da Chefe"


def _use(session: Session) -> tuple[type[BaseException], BaseException, None]:
    try:
        session.execute(text("select 1"))
    except DBAPIError as error:
        return type(error), error, None
    raise AssertionError("the session was still there")


def test_a_deadlock_is_an_outage_for_one_transaction(direct: Database, superuser: Engine, company_id: UUID) -> None:
    """The server detects it within its `deadlock_timeout`; the transaction may be repeated at once."""
    from concurrent.futures import ThreadPoolExecutor
    from threading import Barrier

    both = Barrier(2)

    def one(first: int, second: int) -> str:
        try:
            with direct.tenant(company_id) as session:
                session.execute(text("select pg_advisory_xact_lock(:n)"), {"n": first})
                both.wait(5)
                session.execute(text("select pg_advisory_xact_lock(:n)"), {"n": second})
        except Unavailable as refused:
            return f"again in {refused.retry_after}"
        return "done"

    with ThreadPoolExecutor(2) as threads:
        ends = [threads.submit(one, 71, 72), threads.submit(one, 72, 71)]
        assert sorted(end.result() for end in ends) == ["again in 1", "done"]


@pytest.mark.parametrize(
    "code",
    [
        "08000",
        "08003",
        "08006",
        "53000",
        "53300",
        "53400",
        "57014",
        "57P01",
        "57P02",
        "57P03",
        "57P05",
        "55P03",
        "40001",
        "40P01",
        "25006",
        "25P03",
        "25P04",
        "28P01",
    ],
)
def test_every_outage_raises_unavailable_wherever_it_occurs(database: Database, company_id: UUID, code: str) -> None:
    raised = text(f"do $$ begin raise exception 'x' using errcode = '{code}'; end $$")

    with pytest.raises(Unavailable) as caught, database.tenant(company_id) as session:
        session.execute(raised)
    assert caught.value.retry_after in (1, 5)
    with database.tenant(company_id) as session:
        assert session.scalar(text("select 1")) == 1


@pytest.mark.parametrize("code", ["23505", "22003", "42601", "42501", "P0001", "XX000"])
def test_an_error_of_the_statement_is_not_an_outage(database: Database, company_id: UUID, code: str) -> None:
    raised = text(f"do $$ begin raise exception 'x' using errcode = '{code}'; end $$")

    with pytest.raises(DBAPIError) as caught, database.tenant(company_id) as session:
        session.execute(raised)
    assert outage(caught.value) is None
