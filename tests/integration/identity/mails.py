"""The queue of e-mails, delivered through the mail worker to moto's SES."""

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.ses.models import ses_backends

from falachefe.app import runtime
from falachefe.aws.clients import client
from functions.auth import send_email


@dataclass(frozen=True)
class Sent:
    to: str
    subject: str
    html: str

    @property
    def token(self) -> str:
        found = re.search(r"https://app\.example\.com/[a-z-]+#token=([\w%-]+)", self.html)
        assert found is not None, self.html
        return unquote(found[1])


def queued() -> list[dict[str, Any]]:
    """Takes all messages from the queue, as records of a Lambda event."""
    sqs, url = client("sqs"), runtime.queue_url("emails")
    records: list[dict[str, Any]] = []
    while True:
        page = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["All"]).get("Messages", [])
        if not page:
            return records
        for message in page:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            records.append(
                {
                    "messageId": message["MessageId"],
                    "receiptHandle": message["ReceiptHandle"],
                    "body": message["Body"],
                    "attributes": message["Attributes"],
                    "eventSourceARN": "arn:aws:sqs:sa-east-1:000000000000:falachefe-dev-emails.fifo",
                }
            )


def send(records: list[dict[str, Any]]) -> list[Sent]:
    """The mails that the worker sends for these records."""
    before = len(_sent())
    assert send_email.handler({"Records": records}, None) == {"batchItemFailures": []}
    return [_mail(message) for message in _sent()[before:]]


def delivered() -> list[Sent]:
    return send(queued())


def mails(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [json.loads(record["body"]) for record in records]


def _sent() -> list[Any]:
    return list(ses_backends[DEFAULT_ACCOUNT_ID]["sa-east-1"].sent_messages)


def _mail(message: Any) -> Sent:
    (to,) = message.destinations["ToAddresses"]
    return Sent(to, message.subject, message.body)
