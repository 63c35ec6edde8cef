from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from falachefe.companies import service
from falachefe.db.engine import Database
from falachefe.kernel.errors import InvalidInput, NotFound
from falachefe.kernel.ids import new_id


def test_company_is_created_once(database: Database) -> None:
    company_id = new_id()
    with database.tenant(company_id) as session:
        first = service.create_company(session, company_id, name="Salão da Bia", settings={"approval_limit": 5000})
    with database.tenant(company_id) as session:
        again = service.create_company(session, company_id, name="Outro nome")

    assert again == first
    assert (first.name, first.time_zone, first.status) == ("Salão da Bia", "America/Sao_Paulo", "active")


def test_company_is_not_visible_to_another_one(database: Database, company_id: UUID) -> None:
    with database.tenant(new_id()) as session, pytest.raises(NotFound):
        service.company(session, company_id)


@pytest.mark.parametrize(
    ("name", "time_zone", "code"),
    [("X", "America/Sao_Paulo", "name_length"), ("Oficina", "Marte/Cratera", "time_zone_unknown")],
)
def test_company_needs_a_name_and_a_known_time_zone(database: Database, name: str, time_zone: str, code: str) -> None:
    company_id = new_id()
    with database.tenant(company_id) as session, pytest.raises(InvalidInput) as refused:
        service.create_company(session, company_id, name=name, time_zone=time_zone)

    assert refused.value.code == code


def test_company_s_day_is_that_of_its_time_zone(database: Database) -> None:
    company_id = new_id()
    after_midnight_utc = datetime(2026, 11, 21, 3, 30, tzinfo=UTC)
    with database.tenant(company_id) as session:
        service.create_company(session, company_id, name="Pousada", time_zone="America/Manaus")
        clock = service.company_clock(session, company_id, after_midnight_utc)

    assert (clock.today, clock.now.hour) == (date(2026, 11, 20), 23)
