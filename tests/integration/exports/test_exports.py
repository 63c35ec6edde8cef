"""Exports: the list as a file, for whoever asked, with what they may see, once."""

import json
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert, text, update

from falachefe.accounts.models import User
from falachefe.app import runtime
from falachefe.app.exportable import EXPORTABLE, exportable
from falachefe.aws import files
from falachefe.aws.clients import client
from falachefe.aws.files import Files
from falachefe.aws.queue_policies import QUEUES
from falachefe.db.engine import Database
from falachefe.exports import runs as export_runs
from falachefe.exports.runs import Exporter, ExportTooLong
from falachefe.finance.models import Transaction
from falachefe.kernel.clock import FixedClock
from falachefe.kernel.ids import new_id
from functions.business import employees, suppliers, time_off, transactions
from functions.platform import exports as exports_handler
from tests.integration.aws_fixtures import NOW
from tests.integration.callers import Caller
from tests.integration.exports.company import BUCKET, Exports, made

type AsRole = Callable[[Any, str], Caller]

ENTRY = {"kind": "expense", "amount": "10.00", "description": "Pão", "category": "outros", "date": "2026-11-01"}
ANA = {"name": "Ana Souza", "position": "Padeira", "hired_on": "2025-03-01", "salary": "2500.00"}


@pytest.fixture
def exports(aws: None, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> Exports:
    return made(clock, monkeypatch.setenv)


@pytest.fixture
def admin(exports: Exports, as_role: AsRole) -> Caller:
    return as_role(transactions.handler, "admin")


def bulk(database: Database, company_id: UUID, count: int) -> None:
    rows = [
        {
            "company_id": company_id,
            "id": new_id(),
            "kind": "expense",
            "amount": 1 + number % 12,
            "description": f"Compra número {number} de farinha, fermento e açúcar para a padaria",
            "category": "fornecedores",
            "occurred_on": NOW.date() - timedelta(days=number % 300),
            "source": "api",
            "created_at": NOW,
        }
        for number in range(count)
    ]
    with database.tenant(company_id) as session:
        for start in range(0, count, 2_000):
            session.execute(insert(Transaction), rows[start : start + 2_000])


# ---- what the file holds


def test_a_csv_file_holds_what_the_list_shows_under_the_same_query(admin: Caller, exports: Exports) -> None:
    for amount, day in (("10.00", "2026-11-01"), ("30.00", "2026-11-03"), ("20.00", "2026-11-02")):
        admin("POST", "/transactions", ENTRY | {"amount": amount, "date": day})
    query = {"date__gte": "2026-11-02", "sort": "amount", "fields": "amount,date,description,category_label"}
    export_id = exports.ask(admin, "transactions", "csv", "&".join(f"{k}={v}" for k, v in query.items()))
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
    full, empty = exports.ask(admin, "transactions", "json"), exports.ask(admin, "transactions", "json", "kind=income")
    exports.run()

    assert json.loads(exports.content(admin, full)) == admin("GET", "/transactions").json["data"]
    assert json.loads(exports.content(admin, empty)) == []


def test_an_empty_csv_file_still_has_its_header(admin: Caller, exports: Exports) -> None:
    export_id = exports.ask(admin, "transactions", "csv", "fields=amount,kind")
    exports.run()

    assert exports.content(admin, export_id).decode("utf-8-sig") == "id,kind,amount\r\n"


def test_pages_follow_each_other_without_gap_or_repeat(
    admin: Caller, exports: Exports, database: Database, company_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    bulk(database, company_id, 23)
    monkeypatch.setattr(export_runs, "ROWS_A_PAGE", 5)
    export_id = exports.ask(admin, "transactions", query="sort=-date,amount")
    exports.run()

    listed = [one["id"] for one in admin("GET", "/transactions", sort="-date,amount", limit="100").json["data"]]
    assert [one["id"] for one in exports.rows(admin, export_id)] == listed
    assert len(listed) == 23


@dataclass
class Meddling:
    """S3 that lets somebody work on the list whenever a part was written, and keeps the file."""

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
def test_a_row_that_changes_between_two_pages_is_neither_missing_nor_doubled(
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
    exports.ask(admin, "transactions", "json", f"sort={sort}&fields=id,amount")
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
    exports.ask(admin, "transactions", "json", "sort=amount&fields=amount")
    (queue_message,) = exports.queue_messages()

    def delete_all() -> None:
        with database.tenant(company_id) as session:
            session.execute(text("update transactions set deleted_at = now()"))

    s3 = Meddling(delete_all)
    Exporter(database, lambda: Files(lambda: s3, "any"), runtime.publisher, exports.clock, exportable)(queue_message)

    assert [one["amount"] for one in json.loads(s3.content)] == [f"{n}.00" for n in range(1, 6)]


def test_a_brazilian_office_gets_its_signs(admin: Caller, exports: Exports) -> None:
    admin("POST", "/transactions", ENTRY | {"amount": "1234.50"})
    wanted = {"format": "csv", "query": "fields=amount", "delimiter": ";", "decimal": ","}
    export_id = admin("POST", "/transactions/exports", wanted).json["id"]
    exports.run()

    assert exports.content(admin, export_id).decode("utf-8-sig").splitlines()[1].endswith(";1234,50")
    assert admin("POST", "/transactions/exports", wanted | {"delimiter": "|"}).status == 422


def test_memory_stays_flat_however_long_the_list(
    admin: Caller, exports: Exports, database: Database, company_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With small parts, a twelfth of the rows needs several already; all of them must not need more memory."""
    monkeypatch.setattr(files, "PART_SIZE", 500_000)
    bulk(database, company_id, 50_000)
    exports.ask(admin, "transactions", query="amount=12")
    exports.ask(admin, "transactions")
    few, all_of_them = (peak_of(exports, database, queue_message) for queue_message in exports.queue_messages())

    assert (few.rows, all_of_them.rows) == (50_000 // 12, 50_000)
    assert few.parts > 1
    assert all_of_them.parts > 20
    assert all_of_them.peak < few.peak * 1.1


@dataclass
class Swallowed:
    """S3 that counts what it gets and keeps none of it: what moto keeps would be measured, too."""

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


def peak_of(exports: Exports, database: Database, queue_message: dict[str, Any]) -> Swallowed:
    s3 = Swallowed()
    exporter = Exporter(database, lambda: Files(lambda: s3, "any"), runtime.publisher, exports.clock, exportable)
    tracemalloc.start()
    try:
        exporter(queue_message)
        s3.peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    return s3


# ---- whose file it is


def test_fields_that_one_may_not_see_are_empty(admin: Caller, exports: Exports, as_role: AsRole) -> None:
    boss, staff = admin.of(employees.handler), as_role(employees.handler, "user")
    boss("POST", "/employees", ANA)
    theirs, own = exports.ask(boss, "employees"), exports.ask(staff, "employees")
    exports.run()

    assert [one["salary"] for one in exports.rows(boss, theirs)] == ["2500.00"]
    assert [one["salary"] for one in exports.rows(staff, own)] == [""]
    assert staff("POST", "/employees/exports", {"format": "csv", "query": "salary__gte=1"}).status == 422


def test_rows_that_one_may_not_see_are_left_out(admin: Caller, exports: Exports, as_role: AsRole) -> None:
    ana = admin.of(employees.handler)("POST", "/employees", ANA).json["id"]
    dates = {"start": "2026-12-01", "end": "2026-12-03"}
    assert admin.of(time_off.handler)("POST", "/time-off", dates | {"employee_id": ana}).status == 201
    staff = as_role(time_off.handler, "user")
    export_id = exports.ask(staff, "time-off")
    exports.run()

    assert exports.rows(staff, export_id) == []


def test_an_export_needs_the_permission_to_read_the_list(exports: Exports, as_role: AsRole) -> None:
    staff = as_role(suppliers.handler, "user")

    assert staff("POST", "/suppliers/exports", {"format": "csv"}).status == 403
    assert exports.queue_messages() == []


def test_what_was_taken_away_meanwhile_is_not_exported(
    admin: Caller, exports: Exports, database: Database, company_id: UUID
) -> None:
    demoted, left = exports.ask(admin, "transactions"), exports.ask(admin, "transactions")
    first, second = sorted(
        exports.queue_messages(), key=lambda queue_message: [demoted, left].index(queue_message["export_id"])
    )
    for queue_message, values in ((first, {"role": "user"}), (second, {"role": "admin", "status": "inactive"})):
        with database.tenant(company_id) as session:
            session.execute(update(User).where(User.company_id == company_id).values(**values))
        assert exports.deliver(queue_message) == {"batchItemFailures": []}

    codes = {one["id"]: one["error_code"] for one in state(database, company_id)}
    assert codes == {demoted: "permission_denied", left: "requester_inactive"}
    assert "Contents" not in client("s3").list_objects_v2(Bucket=BUCKET)


def state(database: Database, company_id: UUID) -> list[dict[str, Any]]:
    with database.tenant(company_id) as session:
        rows = session.execute(text("select id::text, status, error_code from exports order by id")).mappings()
        return [dict(row) for row in rows]


def test_everybody_sees_their_own_exports_and_admins_those_of_all(
    admin: Caller, exports: Exports, as_role: AsRole
) -> None:
    staff = as_role(employees.handler, "user")
    theirs, own = exports.ask(admin, "transactions"), exports.ask(staff, "employees")
    exports.run()

    def listed(call: Caller) -> dict[str, bool]:
        data = call.of(exports_handler.handler)("GET", "/exports").json["data"]
        return {one["id"]: one["download_url"] is not None for one in data}

    assert listed(staff) == {own: True}
    assert listed(admin) == {theirs: True, own: False}  # a link is for whoever asked
    assert exports.look(staff, theirs).status == 404


def test_a_link_opens_one_file_for_a_quarter_of_an_hour(admin: Caller, exports: Exports) -> None:
    own = exports.ask(admin, "transactions")
    assert exports.look(admin, own).json["download_url"] is None
    exports.run()
    seen = exports.look(admin, own).json

    assert "X-Amz-Algorithm=AWS4-HMAC-SHA256" in seen["download_url"]
    assert "X-Amz-Expires=900" in seen["download_url"]
    assert "transactions-2026-11-20.csv" in seen["download_url"]
    assert seen["expires_at"] == "2026-11-27T15:00:00Z"


# ---- once, or not at all


def test_a_queue_message_that_comes_again_changes_nothing(admin: Caller, exports: Exports) -> None:
    admin("POST", "/transactions", ENTRY)
    export_id = exports.ask(admin, "transactions")
    (queue_message,) = exports.queue_messages()
    exports.deliver(queue_message)
    before = exports.look(admin, export_id).json
    admin("POST", "/transactions", ENTRY)

    assert exports.deliver(queue_message, 2) == {"batchItemFailures": []}
    assert exports.look(admin, export_id).json["version"] == before["version"]
    assert len(exports.rows(admin, export_id)) == 1


def test_a_failure_is_tried_again_from_the_start_and_leaves_nothing_behind(
    admin: Caller, exports: Exports, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin("POST", "/transactions", ENTRY)
    export_id = exports.ask(admin, "transactions")
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
    export_id = exports.ask(admin, "transactions")
    (queue_message,) = exports.queue_messages()
    with monkeypatch.context() as broken:
        broken.setattr(client("s3"), "put_object", failing)
        for deliveries in range(1, 20):
            assert exports.deliver(queue_message, deliveries) == {"batchItemFailures": [{"itemIdentifier": "m"}]}
    assert exports.deliver(queue_message, 20) == {"batchItemFailures": []}
    assert exports.look(admin, export_id).json["status"] == "done"


def test_a_wish_of_yesterday_is_not_fulfilled_any_more(
    admin: Caller, exports: Exports, database: Database, company_id: UUID
) -> None:
    export_id = exports.ask(admin, "transactions")
    (queue_message,) = exports.queue_messages()
    with database.tenant(company_id) as session:
        session.execute(text("update exports set created_at = created_at - interval '400 days'"))
    assert exports.deliver(queue_message) == {"batchItemFailures": []}
    seen = exports.look(admin, export_id).json
    assert (seen["status"], seen["error_code"]) == ("failed", "export_too_late")


def nonsense(**_: Any) -> None:
    raise TypeError("the export's own fault")


def test_the_last_failure_of_its_own_is_told(admin: Caller, exports: Exports, monkeypatch: pytest.MonkeyPatch) -> None:
    export_id = exports.ask(admin, "transactions")
    (queue_message,) = exports.queue_messages()
    monkeypatch.setattr(client("s3"), "put_object", nonsense)
    for _ in range(QUEUES["exports"].tries - 1):
        assert exports.deliver(queue_message) == {"batchItemFailures": [{"itemIdentifier": "m"}]}
        assert exports.look(admin, export_id).json["status"] == "running"
    assert exports.deliver(queue_message) == {"batchItemFailures": []}
    seen = exports.look(admin, export_id).json
    assert (seen["status"], seen["error_code"], seen["download_url"]) == ("failed", "export_failed", None)


def test_an_export_that_ends_its_worker_each_time_is_given_up(
    admin: Caller, exports: Exports, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Ended(BaseException):
        """Lambda ends the function."""

    def ending(**_: Any) -> None:
        raise Ended

    export_id = exports.ask(admin, "transactions")
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
    exports.ask(admin, "transactions")
    (queue_message,) = exports.queue_messages()
    monkeypatch.setattr(client("s3"), "complete_multipart_upload", failing)
    exports.deliver(queue_message)

    assert "Uploads" not in client("s3").list_multipart_uploads(Bucket=BUCKET)
    assert "Contents" not in client("s3").list_objects_v2(Bucket=BUCKET)


def test_an_export_that_takes_too_long_is_given_up(
    admin: Caller, exports: Exports, monkeypatch: pytest.MonkeyPatch
) -> None:
    export_id = exports.ask(admin, "transactions")
    monkeypatch.setattr(export_runs, "LONGEST_RUN", timedelta(seconds=-1))
    exports.run()

    assert exports.look(admin, export_id).json["error_code"] == "export_too_long"


def test_what_went_wrong_is_told_though_nothing_could_be_tidied_up(
    exports: Exports, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"a first part"
        raise ExportTooLong("Peça um período menor.")

    monkeypatch.setattr(files, "PART_SIZE", 5)
    monkeypatch.setattr(client("s3"), "abort_multipart_upload", failing)

    with pytest.raises(ExportTooLong):
        runtime.files().write("exports/x.csv", "text/csv", pieces())


def test_a_file_is_there_for_seven_days(admin: Caller, exports: Exports, database: Database, company_id: UUID) -> None:
    export_id = exports.ask(admin, "transactions")
    exports.run()
    with database.tenant(company_id) as session:
        session.execute(text("update exports set finished_at = finished_at - interval '7 days'"))

    seen = exports.look(admin, export_id).json
    assert (seen["status"], seen["download_url"]) == ("expired", None)


# ---- asking


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"format": "xlsx"}, "format"),
        ({"format": "csv", "query": "company_id=1"}, "company_id"),
        ({"format": "csv", "query": "page=2"}, "query"),
        ({"format": "csv", "query": "limit=10&cursor=x"}, "query"),
        ({"format": "csv", "query": "kind=a&kind=b"}, "kind"),
        ({"format": "csv", "bucket": "mine"}, "bucket"),
    ],
)
def test_a_wish_that_the_list_would_refuse_is_refused_at_once(
    admin: Caller, exports: Exports, body: dict[str, str], field: str
) -> None:
    answer = admin("POST", "/transactions/exports", body)

    assert (answer.status, [error["field"] for error in answer.json["errors"]]) == (422, [field])
    assert exports.queue_messages() == []


def test_the_same_wish_under_one_key_is_one_export(admin: Caller, exports: Exports) -> None:
    once = {"Idempotency-Key": "k"}
    answers = [admin("POST", "/transactions/exports", {"format": "csv"}, once) for _ in range(2)]

    assert answers[0].json == answers[1].json
    assert answers[1].headers["Idempotency-Replayed"] == "true"
    assert len(exports.queue_messages()) == 1


def test_one_person_waits_for_five_exports_at_most(admin: Caller, exports: Exports) -> None:
    for _ in range(5):
        exports.ask(admin, "transactions")

    answer = admin("POST", "/transactions/exports", {"format": "csv"})
    assert (answer.status, answer.json["code"]) == (429, "too_many_exports")


def test_who_exported_what_is_audited(admin: Caller, exports: Exports, database: Database, company_id: UUID) -> None:
    export_id = exports.ask(admin, "transactions", "json", "search=Maria")

    asked = "select resource_id::text, actor_kind, changes::text as changes from audit_logs where resource = 'exports'"
    with database.tenant(company_id) as session:
        (row,) = session.execute(text(asked)).mappings()
    assert (row["resource_id"], row["actor_kind"]) == (export_id, "user")
    assert "transactions" in row["changes"]
    assert "Maria" not in row["changes"]


@pytest.mark.parametrize("name", sorted(EXPORTABLE))
def test_what_can_be_exported_is_declared_under_that_name(name: str) -> None:
    resource = exportable(name)

    assert resource.name == name
    assert resource.parent is None
