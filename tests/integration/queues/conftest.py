"""A database of its own, so that the sweep meets no other test's company, and a world over it."""

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
from tests.integration.queues.sqs_standin import QueueStandIn
from tests.integration.queues.tcp_proxy import TcpProxy
from tests.integration.queues.world import (
    CHANNEL_SECRET,
    PEPPER,
    TOKEN,
    AwsService,
    Bus,
    Phones,
    Secrets,
    Surroundings,
    World,
    forget,
    make_world,
    stand_on,
)
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
def surroundings(
    postgres: PostgresAddress, tables: tuple[Any, dict[str, Table]], queues: QueueStandIn
) -> Iterator[Surroundings]:
    gate = TcpProxy(postgres.host, postgres.port)
    kept: dict[str, dict[str, Any]] = {
        "database": {"username": APPLICATION_ROLE, "password": APPLICATION_PASSWORD},
        "auth": {"pepper": PEPPER},
        CHANNEL_SECRET: {"instance_token": TOKEN},
    }
    yield Surroundings(gate, AwsService(tables[0]), Secrets(kept), queues, Bus(queues))
    gate.shut()


@pytest.fixture
def world(
    own_database: Database,
    clock: FixedClock,
    queues: QueueStandIn,
    surroundings: Surroundings,
    tables: tuple[Any, dict[str, Table]],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[World]:
    phones = Phones(clock)
    stand_on(surroundings, clock, phones, monkeypatch)
    endpoint = f"postgresql://127.0.0.1:{surroundings.gate.port}/{DATABASE}?ssl=false"
    monkeypatch.setenv("DATABASE_ENDPOINT", endpoint)
    yield make_world(own_database, clock, phones, queues, tables[1])
    runtime.database().dispose()
    monkeypatch.undo()
    forget()
