"""Sample events for `make invoke` and the tests."""

import json
from typing import Any


def request_event(method: str, path: str, body: Any = None) -> str:
    headers = {"Authorization": "Bearer <access token of POST /v1/auth/login>"}
    if body is not None:
        headers = {"Content-Type": "application/json"} | headers | {"Idempotency-Key": "exemplo-1"}
    event = {
        "resource": path,
        "path": path,
        "httpMethod": method,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {
            "resourcePath": path,
            "httpMethod": method,
            "path": f"/v1{path}",
            "stage": "v1",
            "requestId": "00000000-0000-4000-8000-000000000000",
            "apiId": "local",
            "protocol": "HTTP/1.1",
            "identity": {"sourceIp": "127.0.0.1", "userAgent": "falachefe-example"},
        },
        "body": None if body is None else json.dumps(body, ensure_ascii=False),
        "isBase64Encoded": False,
    }
    return _json(event)


def queue_event(queue: str, message: dict[str, Any], group: str) -> str:
    record = {
        "messageId": "00000000-0000-4000-8000-000000000000",
        "receiptHandle": "example",
        "body": json.dumps(message, ensure_ascii=False),
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": "1795348800000",
            "SequenceNumber": "18870400000000000000",
            "MessageGroupId": group,
            "SenderId": "000000000000",
            "MessageDeduplicationId": "0199a0c0-0000-7000-8000-000000000001",
            "ApproximateFirstReceiveTimestamp": "1795348800000",
        },
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:sa-east-1:000000000000:falachefe-dev-{queue}.fifo",
        "awsRegion": "sa-east-1",
    }
    return _json({"Records": [record]})


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"
