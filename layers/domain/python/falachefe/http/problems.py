"""RFC 9457 problem details. Few imports, as the webhook uses this module too."""

import json
from collections.abc import Mapping
from typing import Any

from falachefe.http.headers import SECURITY_HEADERS, VARY
from falachefe.kernel.errors import DomainError

CONTENT_TYPE = "application/problem+json"
TYPE_PREFIX = "https://falachefe.app/problems/"


def problem(error: DomainError, *, instance: str, request_id: str) -> dict[str, Any]:
    """An error as problem details: its texts for people and its stable code, no internals."""
    document: dict[str, Any] = {
        "type": TYPE_PREFIX + error.code.replace("_", "-"),
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "instance": instance,
        "code": error.code,
        "request_id": request_id,
    }
    if error.errors:
        document["errors"] = [{"field": item.field, "message": item.message} for item in error.errors]
    return document


def problem_headers(error: DomainError) -> dict[str, str]:
    headers = {"Content-Type": CONTENT_TYPE}
    if error.retry_after is not None:
        headers["Retry-After"] = str(error.retry_after)
    if error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return headers


def proxy_response(status: int, body: Mapping[str, Any], request_id: str, headers: Mapping[str, str]) -> dict[str, Any]:
    """A response in the format of API Gateway's Lambda proxy integration."""
    return {
        "statusCode": status,
        "headers": {**SECURITY_HEADERS, "X-Request-Id": request_id, "Vary": VARY, **headers},
        "body": json.dumps(body, ensure_ascii=False, separators=(",", ":")),
        "isBase64Encoded": False,
    }


def problem_response(error: DomainError, *, instance: str, request_id: str) -> dict[str, Any]:
    return proxy_response(
        error.status,
        problem(error, instance=instance, request_id=request_id),
        request_id,
        problem_headers(error),
    )
