"""The audit log is append-only."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from falachefe.audit.models import AuditLog
from falachefe.audit.service import insert_entry
from falachefe.db.engine import Database
from falachefe.kernel.actors import Actor
from falachefe.kernel.ids import new_id

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)


@pytest.fixture
def noted(database: Database, company_id: UUID) -> UUID:
    thing = new_id()
    actor = Actor("user", new_id(), address="203.0.113.77", user_agent="curl/8\x00\n" + "x" * 400, request_id="r-1")
    with database.tenant(company_id) as session:
        insert_entry(
            session, company_id, actor, action="create", resource="things", resource_id=thing, changes={}, now=NOW
        )
    return thing


def test_a_row_has_the_actor_and_a_masked_address(database: Database, company_id: UUID, noted: UUID) -> None:
    with database.tenant(company_id) as session:
        row = session.execute(select(AuditLog).where(AuditLog.resource_id == noted)).scalar_one()

    assert (row.actor_kind, row.action, row.resource, row.request_id) == ("user", "create", "things", "r-1")
    assert (row.address, len(row.user_agent or "")) == ("203.0.113.0", 300)


@pytest.mark.parametrize(
    "statement", ["update audit_logs set action = 'x'", "delete from audit_logs", "truncate audit_logs"]
)
def test_the_application_can_neither_update_nor_delete_audit_rows(
    database: Database, company_id: UUID, noted: UUID, statement: str
) -> None:
    with pytest.raises(DBAPIError, match="42501"), database.tenant(company_id) as session:
        session.execute(text(statement))
