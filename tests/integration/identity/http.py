"""Calling a handler of `functions/auth` as API Gateway does."""

import json
from pathlib import Path
from typing import Any


def call(
    handler: Any,
    sample: str,
    document: Any = None,
    *,
    token: str | None = None,
    cookie: str | None = None,
    address: str = "203.0.113.77",
    **changes: Any,
) -> tuple[int, Any, dict[str, str]]:
    """Status, body (None when empty) and headers; the request is `events/auth/<sample>.json` with this body."""
    event = json.loads(Path(f"events/auth/{sample}.json").read_text()) | changes
    event["body"] = None if document is None else json.dumps(document)
    event["headers"] = {"Content-Type": "application/json", "User-Agent": "Firefox"}
    event["requestContext"]["identity"]["sourceIp"] = address
    if token is not None:
        event["headers"]["Authorization"] = f"Bearer {token}"
    if cookie is not None:
        event["headers"]["Cookie"] = cookie
    event["multiValueHeaders"] = {name: [value] for name, value in event["headers"].items()}
    answer = handler(event, None)
    headers = {name: values[0] for name, values in (answer.get("multiValueHeaders") or {}).items()}
    body = json.loads(answer["body"]) if answer.get("body") else None
    return answer["statusCode"], body, headers | (answer.get("headers") or {})
