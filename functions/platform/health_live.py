"""GET /v1/platform/health/live. Public: it says that functions run, and nothing else."""

from typing import Any

_ANSWER = {
    "statusCode": 200,
    "headers": {
        "Content-Type": "application/json",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    },
    "body": '{"status": "live"}',
}


def handler(_event: dict[str, Any], _context: object) -> dict[str, Any]:
    return _ANSWER
