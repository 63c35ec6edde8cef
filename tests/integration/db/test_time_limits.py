"""What the server ends by itself, and what callers are told then: an outage, never an error of the message."""

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
from infra.local.postgres import PostgresAddress
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
    """The limits of the role, cut short for a test; they come from the same place and end the same way."""
    for name, value in limits.items():
        session.execute(text("select set_config(:name, :value, true)"), {"name": name, "value": value})


def sleep_within(session: Session, **limits: str) -> None:
    limited(session, **limits)
    session.execute(text("select pg_sleep(5)"))


def lock(session: Session, company_id: UUID, **limits: str) -> Company:
    limited(session, **limits)
    return session.query(Company).with_for_update().filter(Company.id == company_id).one()


def test_a_statement_that_takes_too_long_is_an_outage_that_says_when_to_come_back(
    direct: Database, company_id: UUID
) -> None:
    with pytest.raises(Unavailable) as caught, direct.tenant(company_id) as session:
        sleep_within(session, statement_timeout="50ms")

    assert (caught.value.status, caught.value.retry_after) == (503, 5)
    assert "ocupado" in caught.value.detail
    with direct.tenant(company_id) as session:
        assert session.scalar(text("select 1")) == 1


def test_a_row_that_another_transaction_keeps_is_an_outage_that_says_when_to_come_back(
    direct: Database, company_id: UUID
) -> None:
    with direct.tenant(company_id) as holder:
        lock(holder, company_id)
        with pytest.raises(Unavailable) as caught, direct.tenant(company_id) as session:
            lock(session, company_id, lock_timeout="50ms")
    assert (caught.value.status, caught.value.retry_after) == (503, 1)


def test_a_transaction_that_was_left_open_is_ended_and_its_rows_are_free(direct: Database, company_id: UUID) -> None:
    """A function that was killed in the middle closes nothing: its connection stays, and so would its locks."""
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


def test_two_transactions_that_lock_in_different_orders_are_an_outage_for_one(
    direct: Database, superuser: Engine, company_id: UUID
) -> None:
    """Found by the server within its `deadlock_timeout`; it may be done again at once."""
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
def test_every_outage_is_told_as_one_wherever_it_comes_up(database: Database, company_id: UUID, code: str) -> None:
    raised = text(f"do $$ begin raise exception 'x' using errcode = '{code}'; end $$")

    with pytest.raises(Unavailable) as caught, database.tenant(company_id) as session:
        session.execute(raised)
    assert caught.value.retry_after in (1, 5)
    with database.tenant(company_id) as session:
        assert session.scalar(text("select 1")) == 1


@pytest.mark.parametrize("code", ["23505", "22003", "42601", "42501", "P0001", "XX000"])
def test_an_error_of_the_statement_stays_one(database: Database, company_id: UUID, code: str) -> None:
    raised = text(f"do $$ begin raise exception 'x' using errcode = '{code}'; end $$")

    with pytest.raises(DBAPIError) as caught, database.tenant(company_id) as session:
        session.execute(raised)
    assert outage(caught.value) is None
