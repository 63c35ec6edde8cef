"""What functions stand on, made from what their templates name: tables, queues, buckets and secrets, played by moto."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from moto import mock_aws

from falachefe.app import runtime
from falachefe.aws.clients import client
from falachefe.db.engine import Database
from falachefe.kernel.clock import FixedClock
from infra.local.paths import ROOT
from tests.keys import SECRETS
from tests.security.test_routes import variables_in_template
from tests.tables import create_table

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
SETTINGS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_REGION": "sa-east-1",
    "STAGE": "dev",
    "APP_URL": "https://app.example.com/",
    "EMAIL_FROM": "Falachefe <nao-responda@example.com>",
    "DATABASE_ENDPOINT": "127.0.0.1:5432",
}


def variables() -> set[str]:
    """Everything that any function's environment holds."""
    files = sorted(ROOT.glob("functions/*/*.py"))
    return set().union(*(variables_in_template(file) for file in files))


@contextmanager
def functions_surroundings(database: Database) -> Iterator[FixedClock]:
    """The composition root over moto and the given database; forgotten afterwards. Yields the functions' clock."""
    clock = FixedClock(NOW)
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        for name, value in SETTINGS.items():
            patch.setenv(name, value)
        runtime.forget()
        patch.setattr(runtime, "database", lambda: database)
        patch.setattr(runtime, "clock", lambda: clock)
        for name in sorted(variables()):
            made = _made(name)
            if made is not None:
                patch.setenv(name, made)
        client("sesv2").create_email_identity(EmailIdentity="example.com")
        yield clock
    runtime.forget()


def _made(variable: str) -> str | None:
    """The thing that a variable names, by the variable's ending."""
    name = variable.lower().replace("_", "-")
    if variable.endswith("_TABLE"):
        create_table(client("dynamodb"), name)
        return name
    if variable.endswith("_QUEUE_URL"):
        queue = client("sqs").create_queue(QueueName=f"{name}.fifo", Attributes={"FifoQueue": "true"})
        return str(queue["QueueUrl"])
    if variable.endswith("_BUCKET"):
        _service("s3").create_bucket(
            Bucket=name, CreateBucketConfiguration={"LocationConstraint": SETTINGS["AWS_REGION"]}
        )
        return name
    if variable.endswith("_SECRET_ARN"):
        content = SECRETS.get(variable, {})
        client("secretsmanager").create_secret(Name=name, SecretString=json.dumps(content))
        return name
    return None


def _service(name: str) -> Any:
    import boto3

    return boto3.client(name, region_name=SETTINGS["AWS_REGION"])  # type: ignore[call-overload]  # by name
