"""DynamoDB tables as the templates declare them: a partition key, a sort key, nothing provisioned."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.session import Session as BotoSession
from moto import mock_aws

from falachefe.aws.tables import Table


def create_table(dynamodb: Any, name: str) -> None:
    keys = (("pk", "HASH"), ("sk", "RANGE"))
    dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in keys],
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key, _ in keys],
        BillingMode="PAY_PER_REQUEST",
    )


@contextmanager
def lone_table(name: str) -> Iterator[Table]:
    """A table with nothing of AWS around it."""
    with mock_aws():
        client: Any = BotoSession().create_client("dynamodb", region_name="sa-east-1")
        create_table(client, name)
        yield Table(client, name)
