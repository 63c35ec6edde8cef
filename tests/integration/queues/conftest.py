"""The pipeline harness with a database of its own, so that sweeps find no other test's companies."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.session import Session as BotoSession
from moto import mock_aws

from falachefe.app import runtime
from falachefe.aws.tables import Table
from falachefe.db.engine import Database, make_engine
from falachefe.db.migrate import APPLICATION_ROLE, migrate
from falachefe.kernel.clock import FixedClock
from infra.local.stack.postgres import PostgresAddress
from tests.integration.conftest import APPLICATION_PASSWORD, application_address, new_database
from tests.integration.queues.harness import (
    CHANNEL_SECRET,
    PEPPER,
    TOKEN,
    AwsService,
    FakeEventBus,
    FakeProvider,
    PipelineHarness,
    Secrets,
    StandIns,
    make_pipeline,
    reset_runtimes,
    use_stand_ins,
)
from tests.integration.queues.sqs_standin import QueueStandIn
from tests.integration.queues.tcp_proxy import TcpProxy
from tests.tables import create_table

DATABASE = "falachefe_queues"


@pytest.fixture(scope="session")
def own_database(postgres: PostgresAddress) -> Iterator[Database]:
    engine = new_database(postgres, DATABASE)
    migrate(engine, application_address(postgres, DATABASE))
    engine.dispose()
    made = Database(lambda: make_engine(application_address(postgres, DATABASE)))
    yield made
    made.dispose()


@pytest.fixture
def tables() -> Iterator[tuple[Any, dict[str, Table]]]:
    with mock_aws():
        client: Any = BotoSession().create_client("dynamodb", region_name="sa-east-1")
        for name in ("auth", "limits", "channels"):
            create_table(client, name)
        yield client, {name: Table(client, name) for name in ("auth", "limits", "channels")}


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime.now(UTC))


@pytest.fixture
def queues(clock: FixedClock) -> QueueStandIn:
    return QueueStandIn(clock)


@pytest.fixture
def stand_ins(
    postgres: PostgresAddress, tables: tuple[Any, dict[str, Table]], queues: QueueStandIn
) -> Iterator[StandIns]:
    proxy = TcpProxy(postgres.host, postgres.port)
    secret_values: dict[str, dict[str, Any]] = {
        "database": {"username": APPLICATION_ROLE, "password": APPLICATION_PASSWORD},
        "auth": {"pepper": PEPPER},
        CHANNEL_SECRET: {"instance_token": TOKEN},
    }
    yield StandIns(proxy, AwsService(tables[0]), Secrets(secret_values), queues, FakeEventBus(queues))
    proxy.shut()


@pytest.fixture
def pipeline(
    own_database: Database,
    clock: FixedClock,
    queues: QueueStandIn,
    stand_ins: StandIns,
    tables: tuple[Any, dict[str, Table]],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[PipelineHarness]:
    provider = FakeProvider(clock)
    use_stand_ins(stand_ins, clock, provider, monkeypatch)
    endpoint = f"postgresql://127.0.0.1:{stand_ins.proxy.port}/{DATABASE}?ssl=false"
    monkeypatch.setenv("DATABASE_ENDPOINT", endpoint)
    yield make_pipeline(own_database, clock, provider, queues, tables[1])
    runtime.database().dispose()
    monkeypatch.undo()
    reset_runtimes()
