"""A migration during a deployment: its time limit, its locks, and what it reports to CloudFormation."""

import json
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from falachefe.aws.custom_resources import Outcome, respond_to
from falachefe.db.address import DatabaseAddress
from falachefe.db.engine import TimeLimits, make_engine
from falachefe.db.migrate import MigrationFailed, migrate, owner_engine
from infra.local.stack.postgres import PostgresAddress
from tests.integration.conftest import application_address, new_database, owner_address, superuser_address

INDEX = """
from falachefe_migrations.indexes import concurrent_index, drop_concurrent_index
revision, down_revision, branch_labels, depends_on = "9002", "9001", None, None
def upgrade(): concurrent_index("ix_things_n", "things (n)", unique={unique})
def downgrade(): drop_concurrent_index("ix_things_n")
"""
TABLE = """
from alembic import op
revision, down_revision, branch_labels, depends_on = "9001", None, None, None
def upgrade():
    op.execute("create table things (n int)")
    op.execute("insert into things select 1 from generate_series(1, 3)")
def downgrade(): op.execute("drop table things")
"""
SLOW = """
from alembic import op
revision, down_revision, branch_labels, depends_on = "9002", "9001", None, None
def upgrade(): op.execute("{statement}")
def downgrade(): pass
"""


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    return f"runs_{sha256(request.node.name.encode()).hexdigest()[:12]}"


@pytest.fixture
def owner(postgres: PostgresAddress, name: str) -> Iterator[Engine]:
    engine = new_database(postgres, name)
    yield engine
    engine.dispose()


@pytest.fixture
def other(postgres: PostgresAddress, owner: Engine, name: str) -> Iterator[Engine]:
    engine = make_engine(superuser_address(postgres, name), pool_size=3)
    yield engine
    engine.dispose()


@pytest.fixture
def scripts(tmp_path: Path, migrations_folder: Path) -> Path:
    """Test revisions, run like the real ones."""
    folder = tmp_path / "scripts"
    (folder / "versions").mkdir(parents=True)
    shutil.copy(migrations_folder / "env.py", folder / "env.py")
    (folder / "versions" / "9001.py").write_text(TABLE)
    return folder


@pytest.fixture
def address(postgres: PostgresAddress) -> DatabaseAddress:
    return application_address(postgres, "unused")


def waits_for(engine: Engine, query: str) -> None:
    """Waits, for a limited time, until a session is blocked in this statement."""
    sought = text("select 1 from pg_stat_activity where query ilike :query and wait_event_type = 'Lock'")
    with engine.connect() as connection:
        for _ in range(2000):
            if connection.scalar(sought, {"query": query}):
                return
            connection.rollback()
            connection.execute(text("select pg_sleep(0.01)"))
    raise AssertionError(f"nobody waits at {query}")


def index_is_valid(engine: Engine) -> bool:
    with engine.connect() as connection:
        found = text("select indisvalid from pg_index where indexrelid = 'ix_things_n'::regclass")
        return bool(connection.scalar(found))


# ---- time of its own


def test_the_owners_statement_timeout_is_the_whole_run(postgres: PostgresAddress, owner: Engine) -> None:
    engine = owner_engine(owner_address(postgres, "postgres"), within_s=600)
    with engine.connect() as connection:
        found = [connection.scalar(text(f"show {name}")) for name in ("statement_timeout", "TimeZone")]
    engine.dispose()

    assert found == ["590s", "UTC"]


def test_a_migration_statement_may_take_longer_than_a_functions(
    postgres: PostgresAddress, owner: Engine, name: str, address: DatabaseAddress, scripts: Path
) -> None:
    """A function's statement timeout is shortened here; the owner's is configured separately and is not."""
    migrate(owner, address, scripts)
    (scripts / "versions" / "9002.py").write_text(SLOW.format(statement="select pg_sleep(0.5)"))
    short = TimeLimits(answer_s=0.2)
    hasty = make_engine(owner_address(postgres, name), limits=short)

    with pytest.raises(DBAPIError, match="network error"):
        migrate(hasty, address, scripts)
    assert migrate(owner, address, scripts) == "9002"
    hasty.dispose()


def test_a_run_that_would_exceed_its_function_is_cancelled_with_an_error(
    postgres: PostgresAddress, owner: Engine, name: str, address: DatabaseAddress, scripts: Path
) -> None:
    (scripts / "versions" / "9002.py").write_text(SLOW.format(statement="select pg_sleep(60)"))
    engine = owner_engine(owner_address(postgres, name), within_s=11)

    with pytest.raises(DBAPIError) as caught:
        migrate(engine, address, scripts)

    assert str(MigrationFailed.of(caught.value)) == "57014 canceling statement due to statement timeout"
    engine.dispose()


# ---- indexes on tables in use


def test_an_index_is_created_while_others_write(
    owner: Engine, other: Engine, address: DatabaseAddress, scripts: Path
) -> None:
    migrate(owner, address, scripts)
    (scripts / "versions" / "9002.py").write_text(INDEX.format(unique=False))

    with ThreadPoolExecutor(1) as threads:
        with other.begin() as writer:
            writer.execute(text("insert into things values (4)"))
            run = threads.submit(migrate, owner, address, scripts)
            waits_for(other, "create index concurrently%")
            with other.begin() as second:
                second.execute(text("set local lock_timeout = '100ms'"))
                second.execute(text("insert into things values (5)"))
        assert run.result(30) == "9002"

    assert index_is_valid(other)


def test_an_invalid_index_of_a_failed_attempt_is_rebuilt(
    owner: Engine, other: Engine, address: DatabaseAddress, scripts: Path
) -> None:
    migrate(owner, address, scripts)
    (scripts / "versions" / "9002.py").write_text(INDEX.format(unique=True))
    with pytest.raises(DBAPIError, match="23505"):
        migrate(owner, address, scripts)
    assert not index_is_valid(other)
    with other.begin() as connection:
        connection.execute(text("delete from things"))

    assert migrate(owner, address, scripts) == "9002"
    assert index_is_valid(other)


# ---- whom it makes wait


def test_a_locked_table_is_retried_and_does_not_block_others(
    owner: Engine, other: Engine, address: DatabaseAddress, scripts: Path
) -> None:
    migrate(owner, address, scripts)
    (scripts / "versions" / "9002.py").write_text(SLOW.format(statement="alter table things add column m int"))
    user = other.connect()
    user.execute(text("select * from things"))
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        with other.begin() as second:
            second.execute(text("set local lock_timeout = '100ms'"))
            second.execute(text("insert into things values (5)"))
        user.close()

    assert migrate(owner, address, scripts, pause=pause) == "9002"
    assert len(pauses) == 1


def test_concurrent_runs_are_serialised(
    postgres: PostgresAddress, owner: Engine, other: Engine, name: str, address: DatabaseAddress, scripts: Path
) -> None:
    """A repeated call waits for the first and then finds nothing to do."""
    migrate(owner, address, scripts)
    (scripts / "versions" / "9002.py").write_text(SLOW.format(statement="lock table things"))
    second = owner_engine(owner_address(postgres, name))

    with ThreadPoolExecutor(2) as threads:
        with other.begin() as user:
            user.execute(text("select * from things"))
            first_run = threads.submit(migrate, owner, address, scripts, pause=lambda _: None)
            waits_for(other, "lock table things")
            second_run = threads.submit(migrate, second, address, scripts)
            waits_for(other, "select pg_advisory_lock%")
        assert [first_run.result(30), second_run.result(30)] == ["9002", "9002"]
    second.dispose()


def test_redeploying_an_older_version_keeps_the_newer_schema(
    owner: Engine, address: DatabaseAddress, scripts: Path
) -> None:
    (scripts / "versions" / "9002.py").write_text(SLOW.format(statement="select 1"))
    migrate(owner, address, scripts)
    (scripts / "versions" / "9002.py").unlink()

    assert migrate(owner, address, scripts) == "9002"


# ---- what CloudFormation is answered


class Answers:
    """Stands in for CloudFormation's response URL; refuses the first `failures` responses."""

    def __init__(self, failures: int = 0) -> None:
        self.received: list[dict[str, Any]] = []
        self.types: list[str | None] = []
        outer, left = self, [failures]

        class Handler(BaseHTTPRequestHandler):
            def do_PUT(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if left[0]:
                    left[0] -= 1
                    self.send_error(503)
                    return
                outer.received.append(json.loads(body))
                outer.types.append(self.headers["Content-Type"])
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None: ...

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=self.server.serve_forever, daemon=True).start()

    def event(self, request: str) -> dict[str, Any]:
        ids = {"StackId": "s", "RequestId": "r", "LogicalResourceId": "Schema"}
        return {**ids, "RequestType": request, "ResponseURL": f"http://127.0.0.1:{self.server.server_port}/"}


@pytest.fixture
def answers() -> Iterator[Answers]:
    made = Answers()
    yield made
    made.server.shutdown()
    made.server.server_close()


def fails() -> Outcome:
    raise MigrationFailed("57014 canceling statement due to statement timeout")


@pytest.mark.parametrize("request_type", ["Create", "Update"])
def test_the_revision_is_reported_to_cloudformation(answers: Answers, request_type: str) -> None:
    respond_to(answers.event(request_type), lambda: Outcome("schema", {"Revision": "0014"}))

    (said,) = answers.received
    assert (said["Status"], said["Data"], said["PhysicalResourceId"]) == ("SUCCESS", {"Revision": "0014"}, "schema")
    assert (said["StackId"], said["RequestId"], said["LogicalResourceId"]) == ("s", "r", "Schema")
    assert answers.types == [""]  # the URL's signature is for none


def test_a_failure_is_reported_to_cloudformation_and_the_function_succeeds(answers: Answers) -> None:
    """A function that raises would be retried while the stack waits for its response."""
    assert respond_to(answers.event("Update"), fails) == {}

    (said,) = answers.received
    assert said["Status"] == "FAILED"
    assert said["Reason"] == "MigrationFailed: 57014 canceling statement due to statement timeout"


def test_deleting_the_stack_deletes_no_data(answers: Answers) -> None:
    respond_to(answers.event("Delete") | {"PhysicalResourceId": "schema"}, fails)

    (said,) = answers.received
    assert (said["Status"], said["PhysicalResourceId"]) == ("SUCCESS", "schema")


def test_a_failed_response_to_cloudformation_is_retried() -> None:
    answers = Answers(failures=2)
    respond_to(answers.event("Create"), lambda: Outcome("schema", {}))

    assert len(answers.received) == 1
    answers.server.shutdown()
    answers.server.server_close()


def test_a_manual_invocation_raises_the_error() -> None:
    with pytest.raises(MigrationFailed):
        respond_to({}, fails)
