"""The environment of functions in process: the real database, and AWS simulated by moto."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from moto import mock_aws

from falachefe.app import runtime
from falachefe.aws.clients import client
from falachefe.aws.tables import Table
from falachefe.db.engine import Database
from falachefe.kernel.clock import FixedClock
from tests.keys import SECRETS, name_of
from tests.tables import create_table

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
TABLES = {"AUTH_TABLE": "auth", "CHANNELS_TABLE": "channels", "LIMITS_TABLE": "limits"}


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch, database: Database, clock: FixedClock) -> Iterator[None]:
    """The composition root over moto; drops its dependencies afterwards."""
    settings = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "sa-east-1", "STAGE": "dev"}
    for name, value in (settings | TABLES | {variable: name_of(variable) for variable in SECRETS}).items():
        monkeypatch.setenv(name, value)
    # One address asks for everything here; what holds it back is tested where it is the subject.
    for name in ("LOGINS_PER_ADDRESS", "REGISTRATIONS_PER_ADDRESS"):
        monkeypatch.setenv(name, "1000")
    monkeypatch.setenv("APP_URL", "https://app.example.com/")
    monkeypatch.setenv("EMAIL_FROM", "Falachefe <nao-responda@example.com>")
    with mock_aws():
        runtime.forget()
        monkeypatch.setattr(runtime, "database", lambda: database)
        monkeypatch.setattr(runtime, "clock", lambda: clock)
        for variable, content in SECRETS.items():
            client("secretsmanager").create_secret(Name=name_of(variable), SecretString=json.dumps(content))
        for name in TABLES.values():
            create_table(client("dynamodb"), name)
        queue = client("sqs").create_queue(QueueName="falachefe-dev-emails.fifo", Attributes={"FifoQueue": "true"})
        monkeypatch.setenv("EMAILS_QUEUE_URL", queue["QueueUrl"])
        client("sesv2").create_email_identity(EmailIdentity="example.com")
        yield
    monkeypatch.undo()
    runtime.forget()


@pytest.fixture
def auth_table(aws: None) -> Table:
    return runtime.table("AUTH_TABLE")
