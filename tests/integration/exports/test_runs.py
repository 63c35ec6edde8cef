"""An export's file: its content, and that it is written once or not at all."""

import json
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from falachefe.app import runtime
from falachefe.app.export_registry import exportable
from falachefe.aws import files
from falachefe.aws.clients import client
from falachefe.aws.files import Files
from falachefe.aws.queue_policies import QUEUES
from falachefe.db.engine import Database
from falachefe.exports import runs as export_runs
from falachefe.exports.runs import Exporter, ExportTooLong
from tests.integration.callers import Caller
from tests.integration.exports.company import BUCKET, ENTRY, Exports, bulk

# ---- what the file holds


def test_a_csv_file_has_the_rows_of_the_list_with_the_same_query(admin: Caller, exports: Exports) -> None:
    for amount, day in (("10.00", "2026-11-01"), ("30.00", "2026-11-03"), ("20.00", "2026-11-02")):
        admin("POST", "/transactions", ENTRY | {"amount": amount, "date": day})
    query = {"date__gte": "2026-11-02", "sort": "amount", "fields": "amount,date,description,category_label"}
    export_id = exports.request_export(admin, "transactions", "csv", "&".join(f"{k}={v}" for k, v in query.items()))
    exports.run()

    listed = admin("GET", "/transactions", **query).json["data"]
    assert exports.rows(admin, export_id) == listed
    assert exports.content(admin, export_id).startswith(b"\xef\xbb\xbfid,")
    seen = exports.look(admin, export_id).json
    assert (seen["status"], seen["row_count"], seen["error_code"]) == ("done", 2, None)
    assert seen["byte_count"] == len(exports.content(admin, export_id))


def test_a_json_file_is_the_list_as_one_array(admin: Caller, exports: Exports) -> None:
    for day in range(1, 4):
        admin("POST", "/transactions", ENTRY | {"date": f"2026-11-0{day}"})
    full, empty = (
        exports.request_export(admin, "transactions", "json"),
        exports.request_export(admin, "transactions", "json", "kind=income"),
    )
    exports.run()

    assert json.loads(exports.content(admin, full)) == admin("GET", "/transactions").json["data"]
    assert json.loads(exports.content(admin, empty)) == []


def test_an_empty_csv_file_still_has_its_header(admin: Caller, exports: Exports) -> None:
    export_id = exports.request_export(admin, "transactions", "csv", "fields=amount,kind")
    exports.run()

    assert exports.content(admin, export_id).decode("utf-8-sig") == "id,kind,amount\r\n"


def test_pages_follow_each_other_without_gap_or_repeat(
    admin: Caller, exports: Exports, database: Database, company_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    bulk(database, company_id, 23)
    monkeypatch.setattr(export_runs, "ROWS_A_PAGE", 5)
    export_id = exports.request_export(admin, "transactions", query="sort=-date,amount")
    exports.run()

    listed = [one["id"] for one in admin("GET", "/transactions", sort="-date,amount", limit="100").json["data"]]
    assert [one["id"] for one in exports.rows(admin, export_id)] == listed
    assert len(listed) == 23


@dataclass
class Meddling:
    """S3 that calls a function after each uploaded part, and keeps the file."""

    between: Callable[[], None]
    content: bytes = b""

    def create_multipart_upload(self, **_: Any) -> dict[str, str]:
        return {"UploadId": "1"}

    def upload_part(self, **sent: Any) -> dict[str, str]:
        self.content += sent["Body"]
        self.between()
        return {"ETag": "1"}

    def put_object(self, **sent: Any) -> None:
        raise AssertionError("the file is small enough for one part")

    def complete_multipart_upload(self, **_: Any) -> None: ...


@pytest.mark.parametrize("sort", ["amount", "-amount", "-amount,date", "date", "-date,amount"])
def test_a_row_that_changes_between_two_pages_is_exported_once(
    admin: Caller,
    exports: Exports,
    database: Database,
    company_id: UUID,
    monkeypatch: pytest.MonkeyPatch,
    sort: str,
) -> None:
    """After each part the first rows of the list become its last ones and the last its first."""
    bulk(database, company_id, 24)
    monkeypatch.setattr(export_runs, "ROWS_A_PAGE", 5)
    monkeypatch.setattr(files, "PART_SIZE", 1)
    exports.request_export(admin, "transactions", "json", f"sort={sort}&fields=id,amount")
    (queue_message,) = exports.queue_messages()

    def turn_around() -> None:
        day = "date '2026-11-20' - (occurred_on - date '2026-01-01')"
        changed = f"update transactions set amount = 100 - amount, occurred_on = {day}"
        with database.tenant(company_id) as session:
            session.execute(text(changed))

    s3 = Meddling(turn_around)
    Exporter(database, lambda: Files(lambda: s3, "any"), runtime.publisher, exports.clock, exportable)(queue_message)

    with database.tenant(company_id) as session:
        there = sorted(session.execute(text("select id::text from transactions")).scalars())
    assert sorted(one["id"] for one in json.loads(s3.content)) == there
    assert len(there) == 24


def test_a_row_deleted_before_its_page_is_read_is_left_out(
    admin: Caller, exports: Exports, database: Database, company_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    bulk(database, company_id, 6)
    monkeypatch.setattr(export_runs, "ROWS_A_PAGE", 5)
    monkeypatch.setattr(files, "PART_SIZE", 1)
    exports.request_export(admin, "transactions", "json", "sort=amount&fields=amount")
    (queue_message,) = exports.queue_messages()

    def delete_all() -> None:
        with database.tenant(company_id) as session:
            session.execute(text("update transactions set deleted_at = now()"))

    s3 = Meddling(delete_all)
    Exporter(database, lambda: Files(lambda: s3, "any"), runtime.publisher, exports.clock, exportable)(queue_message)

    assert [one["amount"] for one in json.loads(s3.content)] == [f"{n}.00" for n in range(1, 6)]


def test_delimiter_and_decimal_sign_can_be_chosen(admin: Caller, exports: Exports) -> None:
    admin("POST", "/transactions", ENTRY | {"amount": "1234.50"})
    wanted = {"format": "csv", "query": "fields=amount", "delimiter": ";", "decimal": ","}
    export_id = admin("POST", "/transactions/exports", wanted).json["id"]
    exports.run()

    assert exports.content(admin, export_id).decode("utf-8-sig").splitlines()[1].endswith(";1234,50")
    assert admin("POST", "/transactions/exports", wanted | {"delimiter": "|"}).status == 422


def test_memory_use_does_not_depend_on_the_length_of_the_list(
    admin: Caller, exports: Exports, database: Database, company_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With small parts, a twelfth of the rows needs several already; all of them must not need more memory."""
    monkeypatch.setattr(files, "PART_SIZE", 500_000)
    bulk(database, company_id, 50_000)
    exports.request_export(admin, "transactions", query="amount=12")
    exports.request_export(admin, "transactions")
    few, all_of_them = (peak_of(exports, database, queue_message) for queue_message in exports.queue_messages())

    assert (few.rows, all_of_them.rows) == (50_000 // 12, 50_000)
    assert few.parts > 1
    assert all_of_them.parts > 20
    assert all_of_them.peak < few.peak * 1.1


@dataclass
class CountingS3:
    """S3 that counts the bytes without keeping them: moto's copy would be measured too."""

    parts: int = 0
    peak: int = 0
    rows: int = 0

    def create_multipart_upload(self, **_: Any) -> dict[str, str]:
        return {"UploadId": "1"}

    def upload_part(self, **sent: Any) -> dict[str, str]:
        self.parts += 1
        self.rows += sent["Body"].count(b"\r\n")
        return {"ETag": "1"}

    def complete_multipart_upload(self, **_: Any) -> None:
        self.rows -= 1  # the header


def peak_of(exports: Exports, database: Database, queue_message: dict[str, Any]) -> CountingS3:
    s3 = CountingS3()
    exporter = Exporter(database, lambda: Files(lambda: s3, "any"), runtime.publisher, exports.clock, exportable)
    tracemalloc.start()
    try:
        exporter(queue_message)
        s3.peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    return s3


# ---- once, or not at all


def test_a_repeated_queue_message_changes_nothing(admin: Caller, exports: Exports) -> None:
    admin("POST", "/transactions", ENTRY)
    export_id = exports.request_export(admin, "transactions")
    (queue_message,) = exports.queue_messages()
    exports.deliver(queue_message)
    before = exports.look(admin, export_id).json
    admin("POST", "/transactions", ENTRY)

    assert exports.deliver(queue_message, 2) == {"batchItemFailures": []}
    assert exports.look(admin, export_id).json["version"] == before["version"]
    assert len(exports.rows(admin, export_id)) == 1


def test_after_a_failure_the_export_starts_again_and_leaves_no_partial_file(
    admin: Caller, exports: Exports, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin("POST", "/transactions", ENTRY)
    export_id = exports.request_export(admin, "transactions")
    (queue_message,) = exports.queue_messages()
    with monkeypatch.context() as broken:
        broken.setattr(client("s3"), "put_object", failing)
        assert exports.deliver(queue_message) == {"batchItemFailures": [{"itemIdentifier": "m"}]}
        assert exports.look(admin, export_id).json["status"] == "running"

    assert exports.deliver(queue_message, 2) == {"batchItemFailures": []}
    assert exports.look(admin, export_id).json["status"] == "done"


def failing(**_: Any) -> None:
    raise ConnectionError("S3 is down")


def test_an_outage_does_not_end_an_export(admin: Caller, exports: Exports, monkeypatch: pytest.MonkeyPatch) -> None:
    export_id = exports.request_export(admin, "transactions")
    (queue_message,) = exports.queue_messages()
    with monkeypatch.context() as broken:
        broken.setattr(client("s3"), "put_object", failing)
        for deliveries in range(1, 20):
            assert exports.deliver(queue_message, deliveries) == {"batchItemFailures": [{"itemIdentifier": "m"}]}
    assert exports.deliver(queue_message, 20) == {"batchItemFailures": []}
    assert exports.look(admin, export_id).json["status"] == "done"


def test_an_export_older_than_a_day_fails(
    admin: Caller, exports: Exports, database: Database, company_id: UUID
) -> None:
    export_id = exports.request_export(admin, "transactions")
    (queue_message,) = exports.queue_messages()
    with database.tenant(company_id) as session:
        session.execute(text("update exports set created_at = created_at - interval '400 days'"))
    assert exports.deliver(queue_message) == {"batchItemFailures": []}
    seen = exports.look(admin, export_id).json
    assert (seen["status"], seen["error_code"]) == ("failed", "export_too_late")


def nonsense(**_: Any) -> None:
    raise TypeError("the export's own fault")


def test_after_the_last_attempt_the_export_shows_its_failure(
    admin: Caller, exports: Exports, monkeypatch: pytest.MonkeyPatch
) -> None:
    export_id = exports.request_export(admin, "transactions")
    (queue_message,) = exports.queue_messages()
    monkeypatch.setattr(client("s3"), "put_object", nonsense)
    for _ in range(QUEUES["exports"].tries - 1):
        assert exports.deliver(queue_message) == {"batchItemFailures": [{"itemIdentifier": "m"}]}
        assert exports.look(admin, export_id).json["status"] == "running"
    assert exports.deliver(queue_message) == {"batchItemFailures": []}
    seen = exports.look(admin, export_id).json
    assert (seen["status"], seen["error_code"], seen["download_url"]) == ("failed", "export_failed", None)


def test_an_export_that_crashes_its_worker_each_time_fails(
    admin: Caller, exports: Exports, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Ended(BaseException):
        """Lambda ends the function."""

    def ending(**_: Any) -> None:
        raise Ended

    export_id = exports.request_export(admin, "transactions")
    (queue_message,) = exports.queue_messages()
    monkeypatch.setattr(client("s3"), "put_object", ending)
    for _ in range(QUEUES["exports"].tries):
        with pytest.raises(Ended):
            exports.deliver(queue_message, 2)
    assert exports.deliver(queue_message, 2) == {"batchItemFailures": []}
    seen = exports.look(admin, export_id).json
    assert (seen["status"], seen["error_code"]) == ("failed", "export_interrupted")


def test_a_part_that_fails_leaves_no_half_written_object(
    admin: Caller, exports: Exports, database: Database, company_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "PART_SIZE", 1_000)
    bulk(database, company_id, 20)
    exports.request_export(admin, "transactions")
    (queue_message,) = exports.queue_messages()
    monkeypatch.setattr(client("s3"), "complete_multipart_upload", failing)
    exports.deliver(queue_message)

    assert "Uploads" not in client("s3").list_multipart_uploads(Bucket=BUCKET)
    assert "Contents" not in client("s3").list_objects_v2(Bucket=BUCKET)


def test_an_export_that_takes_too_long_fails(admin: Caller, exports: Exports, monkeypatch: pytest.MonkeyPatch) -> None:
    export_id = exports.request_export(admin, "transactions")
    monkeypatch.setattr(export_runs, "MAX_RUN_TIME", timedelta(seconds=-1))
    exports.run()

    assert exports.look(admin, export_id).json["error_code"] == "export_too_long"


def test_the_original_error_is_raised_when_the_clean_up_fails_too(
    exports: Exports, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"a first part"
        raise ExportTooLong("Peça um período menor.")

    monkeypatch.setattr(files, "PART_SIZE", 5)
    monkeypatch.setattr(client("s3"), "abort_multipart_upload", failing)

    with pytest.raises(ExportTooLong):
        runtime.files().write("exports/x.csv", "text/csv", pieces())


def test_a_file_is_available_for_seven_days(
    admin: Caller, exports: Exports, database: Database, company_id: UUID
) -> None:
    export_id = exports.request_export(admin, "transactions")
    exports.run()
    with database.tenant(company_id) as session:
        session.execute(text("update exports set finished_at = finished_at - interval '7 days'"))

    seen = exports.look(admin, export_id).json
    assert (seen["status"], seen["download_url"]) == ("expired", None)
