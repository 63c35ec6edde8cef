"""The outbox: rows are written with the transaction, deleted once published, and kept otherwise."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from falachefe.db.engine import Database
from falachefe.db.outbox import (
    Outbox,
    OutboxRow,
    QueueMessage,
    overdue_queue_messages,
)
from falachefe.kernel.events import DomainEvent


class Taking:
    """A publisher that accepts queue messages to some destinations only."""

    def __init__(self, *destinations: str) -> None:
        self._destinations = destinations

    def publish(self, queue_messages: Sequence[QueueMessage]) -> Sequence[UUID]:
        return [queue_message.id for queue_message in queue_messages if queue_message.destination in self._destinations]


def written(database: Database, company_id: UUID) -> Outbox:
    outbox = Outbox(company_id)
    outbox.send("outbound", {"message_id": "1"}, group_id="g")
    outbox.record(DomainEvent("finance.transaction_recorded", company_id, datetime.now(UTC), {"amount": "1.00"}))
    with database.tenant(company_id) as session:
        outbox.save(session)
    return outbox


def left(database: Database, company_id: UUID) -> int:
    with database.tenant(company_id) as session:
        return session.scalar(select(func.count()).select_from(OutboxRow)) or 0


@pytest.mark.parametrize(
    ("taking", "kept"), [(("outbound", "events"), 0), (("outbound",), 1), ((), 2)], ids=["all", "some", "none"]
)
def test_only_unpublished_messages_stay(
    database: Database, company_id: UUID, taking: tuple[str, ...], kept: int
) -> None:
    outbox = written(database, company_id)
    assert outbox.publish(database, Taking(*taking)) == 2 - kept
    assert left(database, company_id) == kept


def test_a_rolled_back_transaction_leaves_no_queue_message(database: Database, company_id: UUID) -> None:
    outbox = Outbox(company_id)
    outbox.send("outbound", {}, group_id="g")
    with pytest.raises(RuntimeError, match="undone"):
        _save_and_fail(database, outbox)
    assert left(database, company_id) == 0


def _save_and_fail(database: Database, outbox: Outbox) -> None:
    with database.tenant(outbox.company_id) as session:
        outbox.save(session)
        raise RuntimeError("undone")


def test_unpublished_messages_become_overdue_in_their_order(database: Database, company_id: UUID) -> None:
    outbox = written(database, company_id)
    with database.tenant(company_id) as session:
        assert overdue_queue_messages(session, company_id, before=datetime.now(UTC) - timedelta(minutes=1)) == []
        late = overdue_queue_messages(session, company_id, before=datetime.now(UTC) + timedelta(minutes=1))
    assert [queue_message.id for queue_message in late] == [queue_message.id for queue_message in outbox.queue_messages]


def test_deleting_rows_takes_one_round_trip_and_only_the_companys_rows(database: Database, company_id: UUID) -> None:
    outbox = written(database, company_id)
    other_company = UUID(int=1)
    database.delete_rows(other_company, "outbox", [queue_message.id for queue_message in outbox.queue_messages])
    assert left(database, company_id) == 2
    with pytest.raises(ValueError, match="identifier"):
        database.delete_rows(company_id, "outbox; drop table outbox", [])
