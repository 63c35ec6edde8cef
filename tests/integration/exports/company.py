"""Exports from the request to the file, with moto as S3 and SQS."""

import csv
import io
import json
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import boto3
from sqlalchemy import insert

from falachefe.app import runtime
from falachefe.aws.clients import client
from falachefe.db.engine import Database
from falachefe.finance.models import Transaction
from falachefe.kernel.clock import FixedClock
from falachefe.kernel.ids import new_id
from functions.platform import exports, run_export
from tests.integration.aws_fixtures import NOW
from tests.integration.callers import Answer, Caller

BUCKET = "files"
ENTRY = {"kind": "expense", "amount": "10.00", "description": "Pão", "category": "outros", "date": "2026-11-01"}


@dataclass
class Exports:
    """Requests exports and stands for the queue: `run` delivers the waiting messages to the worker, as SQS does."""

    clock: FixedClock

    def request_export(self, call: Caller, name: str, kind: str = "csv", query: str = "") -> str:
        answer = call("POST", f"/{name}/exports", {"format": kind, "query": query})
        assert answer.status == 202, answer.body
        assert answer.headers["Location"] == f"/v1/platform/exports/{answer.json['id']}"
        return str(answer.json["id"])

    def queue_messages(self) -> list[dict[str, Any]]:
        url = runtime.queue_url("exports")
        found = client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        for message in found:
            client("sqs").delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(message["Body"]) for message in found]

    def deliver(self, queue_message: dict[str, Any], deliveries: int = 1) -> dict[str, Any]:
        """The worker's response to one delivery."""
        record = {
            "messageId": "m",
            "receiptHandle": "r",
            "body": json.dumps(queue_message),
            "attributes": {"MessageGroupId": queue_message["company_id"], "ApproximateReceiveCount": str(deliveries)},
            "eventSourceARN": "arn:aws:sqs:sa-east-1:123456789012:exports.fifo",
        }
        return run_export.handler({"Records": [record]}, None)

    def run(self) -> None:
        for queue_message in self.queue_messages():
            assert self.deliver(queue_message) == {"batchItemFailures": []}

    def look(self, call: Caller, export_id: str) -> Answer:
        return call.of(exports.handler)("GET", f"/exports/{export_id}")

    def content(self, call: Caller, export_id: str) -> bytes:
        """The file under the key in its link."""
        url = urllib.parse.urlsplit(self.look(call, export_id).json["download_url"])
        found = boto3.client("s3", region_name="sa-east-1").get_object(Bucket=BUCKET, Key=url.path.lstrip("/"))
        content: bytes = found["Body"].read()
        return content

    def rows(self, call: Caller, export_id: str) -> list[dict[str, str]]:
        text = self.content(call, export_id).decode("utf-8-sig")
        return list(csv.DictReader(io.StringIO(text, newline="")))


def made(clock: FixedClock, setenv: Callable[[str, str], None]) -> Exports:
    setenv("FILES_BUCKET", BUCKET)
    client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "sa-east-1"})
    queue = client("sqs").create_queue(QueueName="exports.fifo", Attributes={"FifoQueue": "true"})
    setenv("EXPORTS_QUEUE_URL", queue["QueueUrl"])
    return Exports(clock)


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
