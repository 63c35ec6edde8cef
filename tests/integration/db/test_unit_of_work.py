"""The unit of work: rows and queue messages are committed together, and published only then."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import cast
from uuid import UUID

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from falachefe.db.engine import Database
from falachefe.db.outbox import OutboxRow, QueueMessage, Taken
from falachefe.db.unit_of_work import unit_of_work
from falachefe.kernel.actors import JOB, Actor
from falachefe.kernel.errors import Unavailable, is_undone
from falachefe.kernel.ids import new_id

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)


class Bus:
    """Takes everything; notes how many rows of the outbox were committed when it was asked."""

    def __init__(self, database: Database, company_id: UUID) -> None:
        self._database, self._company_id = database, company_id
        self.published: list[QueueMessage] = []
        self.committed: list[int] = []

    def publish(self, queue_messages: Sequence[QueueMessage]) -> Sequence[UUID]:
        self.published += queue_messages
        self.committed.append(waiting(self._database, self._company_id))
        return Taken(one.id for one in queue_messages)


def waiting(database: Database, company_id: UUID) -> int:
    with database.tenant(company_id) as session:
        return session.scalar(select(func.count()).select_from(OutboxRow)) or 0


@pytest.fixture
def bus(database: Database, company_id: UUID) -> Bus:
    return Bus(database, company_id)


def test_it_commits_first_and_publishes_then(database: Database, company_id: UUID, bus: Bus) -> None:
    with unit_of_work(database, bus, company_id, now=NOW) as work:
        work.record("finance.transaction_created", {"amount": "1.00"})
        work.outbox.send("outbound", {"message_id": "1"}, group_id="g")
        assert bus.published == []

    assert [one.destination for one in bus.published] == ["events", "outbound"]
    assert (bus.committed, waiting(database, company_id)) == ([2], 0)
    event = bus.published[0].payload
    assert (event["name"], event["company_id"]) == ("finance.transaction_created", str(company_id))
    assert event["occurred_at"] == NOW.isoformat()


def test_nothing_to_publish_asks_no_publisher(database: Database, company_id: UUID, bus: Bus) -> None:
    with unit_of_work(database, bus, company_id, now=NOW) as work:
        work.session.execute(text("select 1"))

    assert bus.committed == []


def test_a_block_that_raises_writes_and_publishes_nothing_and_is_known_to_be_undone(
    database: Database, company_id: UUID, bus: Bus
) -> None:
    with pytest.raises(RuntimeError, match="broken") as broken:
        _save_and_fail(database, bus, company_id)

    assert is_undone(broken.value)
    assert (bus.published, waiting(database, company_id)) == ([], 0)


def _save_and_fail(database: Database, bus: Bus, company_id: UUID) -> None:
    with unit_of_work(database, bus, company_id, now=NOW) as work:
        work.outbox.send("outbound", {}, group_id="g")
        work.outbox.save(work.session)
        raise RuntimeError("broken")


def test_a_commit_that_postgres_refuses_is_known_to_be_undone(database: Database, company_id: UUID, bus: Bus) -> None:
    """The outbox travels with the commit: Postgres answers it with what it did not take."""
    with pytest.raises(IntegrityError) as refused, unit_of_work(database, bus, company_id, now=NOW) as work:
        work.outbox.send(cast(str, None), {}, group_id="g")

    assert is_undone(refused.value)
    assert bus.published == []


def test_a_commit_without_an_answer_is_not_known_to_be_undone(
    database: Database, company_id: UUID, bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(*_: object) -> None:
        raise Unavailable("No answer.")

    with pytest.raises(Unavailable) as lost, unit_of_work(database, bus, company_id, now=NOW) as work:
        monkeypatch.setattr(work.session.get_transaction(), "commit", silent)

    assert not is_undone(lost.value)
    assert bus.published == []


def test_a_unit_of_work_is_the_products_own_unless_somebody_acts(
    database: Database, company_id: UUID, bus: Bus
) -> None:
    ana = Actor("user", new_id())
    with unit_of_work(database, bus, company_id, now=NOW) as own:
        pass
    with unit_of_work(database, bus, company_id, now=NOW, actor=ana) as hers:
        pass

    assert (own.actor, hers.actor, hers.company_id) == (JOB, ana, company_id)
