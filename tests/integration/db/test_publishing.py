"""Publishing to SQS: no message overtakes one that was not accepted, and an invalid one does not block others."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from falachefe.aws.queues import AwsPublisher
from falachefe.db.engine import Database
from falachefe.db.outbox import (
    MOST_REFUSALS,
    Outbox,
    OutboxRow,
    QueueMessage,
    overdue_queue_messages,
    publish_outbox,
)
from falachefe.kernel.ids import new_id

COMPANY = UUID(int=1)
FAULTS = ["bad", "InternalError", "whole request"]


class Sqs:
    """Accepts entries, except those whose body says otherwise; a request holds at most ten."""

    def __init__(self, faults: dict[str, str] | None = None) -> None:
        self.faults = faults or {}
        self.taken: list[tuple[str, str]] = []

    def send_message_batch(self, **request: Any) -> dict[str, Any]:
        assert len(request["Entries"]) <= 10
        answer: dict[str, Any] = {"Successful": [], "Failed": []}
        for entry in request["Entries"]:
            fault = self.faults.get(entry["MessageDeduplicationId"])
            if fault == "whole request":
                raise ClientError({"Error": {"Code": "BatchRequestTooLong"}}, "SendMessageBatch")
        for entry in request["Entries"]:
            fault = self.faults.get(entry["MessageDeduplicationId"])
            if fault:
                answer["Failed"].append({"Id": entry["Id"], "Code": fault, "SenderFault": fault == "bad"})
            else:
                self.taken.append((entry["MessageGroupId"], entry["MessageDeduplicationId"]))
                answer["Successful"].append({"Id": entry["Id"]})
        return answer


def publisher(sqs: Sqs) -> AwsPublisher:
    return AwsPublisher(sqs=lambda: sqs, events=lambda: None, queue_url=lambda name: name, bus_name="bus")


def queue_messages(groups: Sequence[str]) -> list[QueueMessage]:
    return [QueueMessage("outbound", group, str(n), {}, COMPANY, new_id()) for n, group in enumerate(groups)]


@given(
    st.lists(st.sampled_from("abcd"), min_size=1, max_size=40),
    st.dictionaries(
        st.integers(0, 39).map(str), st.sampled_from(["bad", "InternalError", "whole request"]), max_size=6
    ),
)
def test_accepted_messages_of_a_group_are_a_prefix_in_order(groups: list[str], faults: dict[str, str]) -> None:
    sqs, sent = Sqs(faults), queue_messages(groups)
    taken = publisher(sqs).publish(sent)
    assert {one.id for one in sent if (one.group_id, one.deduplication_id) in sqs.taken} == set(taken)
    for group in set(groups):
        wanted = [one.deduplication_id for one in sent if one.group_id == group]
        got = [name for of, name in sqs.taken if of == group]
        bad = next((place for place, name in enumerate(wanted) if name in faults), len(wanted))
        assert got == wanted[:bad]
    refused = {one.deduplication_id for one in sent if one.id in taken.refused}
    assert refused <= {name for name, fault in faults.items() if fault in ("bad", "whole request")}


def test_an_outage_during_publishing_refuses_nothing() -> None:
    class Down(Sqs):
        def send_message_batch(self, **request: Any) -> dict[str, Any]:
            raise ConnectionError

    taken = publisher(Down()).publish(queue_messages("abc"))
    assert (list(taken), taken.refused) == ([], set())


def written(database: Database, company_id: UUID, *entries: tuple[str, str, str]) -> None:
    outbox = Outbox(company_id)
    for destination, group, name in entries:
        outbox.send(destination, {}, group_id=group, deduplication_id=name)
    with database.tenant(company_id) as session:
        outbox.save(session)


def publish(database: Database, company_id: UUID, sqs: Sqs) -> int:
    with database.tenant(company_id) as session:
        due = overdue_queue_messages(session, company_id, before=datetime.now(UTC) + timedelta(minutes=1), limit=20)
    return publish_outbox(database, publisher(sqs), company_id, due)


def rows(database: Database, company_id: UUID) -> list[tuple[str, int, bool]]:
    with database.tenant(company_id) as session:
        columns = (OutboxRow.deduplication_id, OutboxRow.attempts, OutboxRow.parked_at)
        found = session.execute(select(*columns).order_by(OutboxRow.id))
        return [(name, attempts, parked is not None) for name, attempts, parked in found]


@pytest.mark.parametrize("fault", ["bad", "whole request"])
def test_an_invalid_queue_message_is_parked_and_its_group_continues(
    database: Database, company_id: UUID, fault: str
) -> None:
    written(database, company_id, ("outbound", "g", "first"), ("outbound", "g", "second"), ("outbound", "h", "third"))
    sqs = Sqs({"first": fault})
    for _ in range(MOST_REFUSALS):
        publish(database, company_id, sqs)
    assert rows(database, company_id) == [("first", MOST_REFUSALS, True), ("second", 0, False)]
    publish(database, company_id, sqs)
    assert rows(database, company_id) == [("first", MOST_REFUSALS, True)]
    assert sqs.taken == [("h", "third"), ("g", "second")]


def test_an_outage_counts_no_attempt(database: Database, company_id: UUID) -> None:
    written(database, company_id, ("outbound", "g", "first"))
    for _ in range(3 * MOST_REFUSALS):
        publish(database, company_id, Sqs({"first": "InternalError"}))
    assert rows(database, company_id) == [("first", 0, False)]


def test_a_failing_destination_does_not_delay_the_others(database: Database, company_id: UUID) -> None:
    written(database, company_id, *[("agent-hr", f"g{n}", f"hr{n}") for n in range(30)], ("outbound", "g", "reply"))
    sqs = Sqs({f"hr{n}": "AWS.SimpleQueueService.NonExistentQueue" for n in range(30)})
    assert publish(database, company_id, sqs) == 1
    assert sqs.taken == [("g", "reply")]
