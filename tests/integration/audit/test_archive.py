"""Archiving audit rows to S3: no row is deleted before it is written, and none is written twice."""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from botocore.exceptions import EndpointConnectionError
from sqlalchemy import Engine, text

from falachefe.audit import archive
from falachefe.audit.archive import Archive, archive_all, due_before
from falachefe.audit.service import insert_entry
from falachefe.aws.clients import client
from falachefe.db.engine import Database
from falachefe.kernel.actors import Actor
from falachefe.kernel.clock import FixedClock
from falachefe.kernel.ids import new_id
from functions.platform import archive_audit_logs
from tests.integration.aws_fixtures import NOW
from tests.integration.races import Racing

BUCKET = "falachefe-dev-archive"
OLD = datetime(2025, 3, 14, 15, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _bucket(aws: None, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """An archive for this test. Rows of other tests are recent or in their own archives."""
    client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "sa-east-1"})
    monkeypatch.setenv("ARCHIVE_BUCKET", BUCKET)


class Dying(Archive):
    """Simulates a crash after the object is written and before the rows are deleted."""

    def keep(self, batch: archive.Batch) -> None:
        super().keep(batch)
        raise KeyboardInterrupt


@dataclass
class Clockwork:
    """A Lambda context whose time runs out after some batches."""

    batches: int = 1_000
    aws_request_id: str = "run-1"

    def get_remaining_time_in_millis(self) -> int:
        self.batches -= 1
        return 0 if self.batches < 0 else 900_000


def write(database: Database, company_id: UUID, at: datetime, count: int = 1) -> list[str]:
    rows = [new_id() for _ in range(count)]
    with database.tenant(company_id) as session:
        for row in rows:
            insert_entry(
                session,
                company_id,
                Actor("user", new_id(), address="203.0.113.7", request_id="r-1", client_request_id="pedido-42"),
                action="update",
                resource="things",
                resource_id=row,
                changes={"name": {"old": "Pão", "new": "Bolo"}},
                now=at,
            )
    return [str(row) for row in rows]


def left(database: Database, company_id: UUID) -> list[str]:
    with database.tenant(company_id) as session:
        rows = session.execute(
            text("select resource_id from audit_logs where actor_kind <> 'job' order by created_at, id")
        )
        return [str(row.resource_id) for row in rows]


def objects(company_id: UUID) -> dict[str, list[dict[str, Any]]]:
    listed = client("s3").list_objects_v2(Bucket=BUCKET, Prefix=str(company_id)).get("Contents", [])
    found = {}
    for one in listed:
        body = client("s3").get_object(Bucket=BUCKET, Key=one["Key"])["Body"].read()
        found[one["Key"]] = [json.loads(line) for line in gzip.decompress(body).decode().splitlines()]
    return found


def archived(company_id: UUID) -> list[str]:
    return [row["resource_id"] for rows in objects(company_id).values() for row in rows]


def run(**options: Any) -> dict[str, Any]:
    return archive_audit_logs.handler({}, Clockwork(**options))


def test_rows_older_than_a_year_are_archived_by_day_and_deleted(database: Database, company_id: UUID) -> None:
    first, second = write(database, company_id, OLD, 3), write(database, company_id, OLD + DAY, 2)
    young = write(database, company_id, NOW - timedelta(days=100))
    result = run()

    assert (result["objects"], result["rows"], result["failures"], result["complete"]) == (2, 5, 0, True)
    found = objects(company_id)
    assert [key.rpartition("/")[0] for key in found] == [f"{company_id}/2025/03"] * 2
    assert sorted(archived(company_id)) == sorted(first + second)
    assert left(database, company_id) == young
    row = next(iter(found.values()))[0]
    assert (row["company_id"], row["created_at"]) == (str(company_id), "2025-03-14T15:00:00+00:00")
    assert (row["request_id"], row["client_request_id"]) == ("r-1", "pedido-42")
    assert (row["changes"], row["address"]) == ({"name": {"old": "Pão", "new": "Bolo"}}, "203.0.113.0")


def test_archiving_is_audited_but_not_for_its_own_audit_rows(
    database: Database, company_id: UUID, clock: FixedClock
) -> None:
    write(database, company_id, OLD, 3)
    run()
    with database.tenant(company_id) as session:
        [job] = session.execute(text("select action, resource, request_id, changes from audit_logs")).all()
    assert (job.action, job.resource, job.request_id) == ("archive", "audit-logs", "run-1")
    assert {name: change["new"] for name, change in job.changes.items()} == {"day": "2025-03-14", "rows": 3}

    with database.tenant(company_id) as session:
        batch = archive.next_batch(session, company_id, NOW + timedelta(days=367))
    assert batch is not None
    assert batch.has_other_entries is False


def test_a_day_less_than_a_year_ago_is_not_archived(database: Database, company_id: UUID) -> None:
    assert due_before(NOW) == datetime(2025, 11, 20, tzinfo=UTC)
    waiting = write(database, company_id, datetime(2025, 11, 20, 0, 0, tzinfo=UTC))
    write(database, company_id, datetime(2025, 11, 19, 23, 59, tzinfo=UTC))

    assert run()["rows"] == 1
    assert left(database, company_id) == waiting


def test_a_crash_between_writing_and_deleting_loses_and_duplicates_nothing(
    database: Database, company_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "BATCH", 2)
    rows = write(database, company_id, OLD, 5)
    dying = Dying(lambda: client("s3"), BUCKET)
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            archive_all(database, dying, NOW, has_time=lambda: True, request_id="dying")
    before = objects(company_id)
    assert (len(before), left(database, company_id)) == (1, rows)

    # Rows of later days come in between; they change nothing about what was begun.
    write(database, company_id, OLD + DAY)
    run()

    assert before.items() <= objects(company_id).items()
    assert sorted(archived(company_id))[:5] == sorted(rows)[:5]
    assert len(archived(company_id)) == 6
    assert left(database, company_id) == []


def test_when_s3_fails_nothing_is_deleted_and_the_failure_is_reported(database: Database, company_id: UUID) -> None:
    rows = write(database, company_id, OLD, 2)

    class Down:
        def put_object(self, **_: Any) -> None:
            raise EndpointConnectionError(endpoint_url="https://s3")

    done = archive_all(database, Archive(Down, BUCKET), NOW, has_time=lambda: True, request_id="down")
    assert (done.failures, done.objects) == (1, 0)
    assert left(database, company_id) == rows

    client("s3").delete_bucket(Bucket=BUCKET)
    with pytest.raises(archive_audit_logs.ArchiveIncomplete):
        run()
    assert left(database, company_id) == rows


def test_one_companys_failure_does_not_stop_the_others(
    database: Database, company_id: UUID, other_company: UUID
) -> None:
    here, there = write(database, company_id, OLD), write(database, other_company, OLD)

    class Picky(Archive):
        def keep(self, batch: archive.Batch) -> None:
            if batch.key.startswith(str(company_id)):
                raise EndpointConnectionError(endpoint_url="https://s3")
            super().keep(batch)

    done = archive_all(database, Picky(lambda: client("s3"), BUCKET), NOW, has_time=lambda: True, request_id="picky")
    assert (done.failures, left(database, company_id), left(database, other_company)) == (1, here, [])
    assert archived(other_company) == there


def test_a_run_without_time_left_stops_between_batches_and_the_next_continues(
    database: Database, company_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "BATCH", 2)
    rows = write(database, company_id, OLD, 5)
    first = run(batches=1)

    assert (first["complete"], first["rows"], left(database, company_id)) == (False, 2, rows[2:])
    assert run()["rows"] == 3
    assert sorted(archived(company_id)) == sorted(rows)


def test_concurrent_runs_write_the_same_object_and_neither_fails(database: Database, company_id: UUID) -> None:
    rows = write(database, company_id, OLD, 3)

    class Overtaken(Archive):
        """Another run archives the batch between this one's read and delete."""

        def keep(self, batch: archive.Batch) -> None:
            super().keep(batch)
            assert run()["rows"] == 3

    done = archive_all(database, Overtaken(lambda: client("s3"), BUCKET), NOW, has_time=lambda: True, request_id="slow")
    assert (done.failures, done.rows) == (0, 0)
    assert len(objects(company_id)) == 1
    assert sorted(archived(company_id)) == sorted(rows)
    assert left(database, company_id) == []


def test_of_two_runs_that_delete_concurrently_one_counts(
    database: Database, company_id: UUID, superuser: Engine
) -> None:
    """The second run reads, writes and deletes while the first has deleted but not committed."""
    rows = write(database, company_id, OLD, 3)
    store = Archive(lambda: client("s3"), BUCKET)
    racing = Racing(
        database, superuser, lambda: archive_all(database, store, NOW, has_time=lambda: True, request_id="b"), at=2
    )
    first = archive_all(racing, store, NOW, has_time=lambda: True, request_id="a")
    second = racing.other()
    assert racing.waited
    assert ((first.rows, first.failures), (second.rows, second.failures)) == ((3, 0), (0, 0))
    assert len(objects(company_id)) == 1
    assert sorted(archived(company_id)) == sorted(rows)
    assert left(database, company_id) == []


def test_recent_rows_cannot_be_deleted_even_by_id(database: Database, company_id: UUID) -> None:
    rows = write(database, company_id, datetime.now(UTC) - timedelta(days=300))
    with database.tenant(company_id) as session:
        [row_id] = session.execute(text("select id from audit_logs")).scalars()
        forgotten = session.execute(
            text("select directory.forget_audit_logs(:company, :ids)"), {"company": company_id, "ids": [row_id]}
        ).all()

    assert (forgotten, left(database, company_id)) == ([], rows)


@pytest.fixture
def other_company(database: Database) -> UUID:
    from falachefe.companies.service import create_company

    company_id = new_id()
    with database.tenant(company_id) as session:
        create_company(session, company_id, name="Padaria do Lado")
    return company_id


@pytest.fixture(autouse=True)
def _tidy(database: Database, aws: None) -> Iterator[None]:
    """Old rows left by one test would be archived by another."""
    yield
    with database.no_tenant() as session:
        companies = list(session.execute(text("select directory.companies_with_old_audit_logs()")).scalars())
    for company_id in companies:
        with database.tenant(company_id) as session:
            session.execute(
                text("select directory.forget_audit_logs(:company, array(select id from audit_logs))"),
                {"company": company_id},
            )
