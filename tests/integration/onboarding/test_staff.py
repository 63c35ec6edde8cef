"""Users entered while a company is set up."""

from uuid import UUID

import pytest

from falachefe.db.engine import Database
from falachefe.kernel.errors import DomainError
from falachefe.onboarding.staff import register_staff
from tests.integration.aws_fixtures import NOW
from tests.integration.identity.people import staff_of


def test_existing_user_is_updated_by_phone(aws: None, database: Database, company_id: UUID) -> None:
    staff_of(database, company_id)
    with database.tenant(company_id) as session:
        changed = register_staff(
            session, company_id, name="Carlos A.", phone="11 98765-4321", role="user", email=None, now=NOW
        )
        again = register_staff(
            session, company_id, name="Carlos A.", phone="+5511987654321", role="user", email=None, now=NOW
        )

    assert (changed.id, changed.name, changed.role) == (again.id, "Carlos A.", "user")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"phone": "123"}, "phone_invalid"),
        ({"name": " \x00"}, "name_invalid"),
        ({"role": "god"}, "role_invalid"),
        ({"phone": "+5511976543210"}, "email_taken"),
        ({"password": "curta"}, "password_weak"),
        ({"password": "senhasenhasenha"}, "password_weak"),
    ],
)
def test_invalid_staff_is_rejected(
    email: str, database: Database, company_id: UUID, change: dict[str, str], code: str
) -> None:
    staff = {"name": "Ana", "phone": "+5511987654321", "role": "user", "email": email.upper()} | change
    with pytest.raises(DomainError) as refused, database.tenant(company_id) as session:
        register_staff(session, company_id, **staff, now=NOW)

    assert refused.value.code == code
