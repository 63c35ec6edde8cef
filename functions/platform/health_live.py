"""GET /v1/platform/health/live. Public: it says that functions run, and nothing else."""

from typing import Any

from falachefe.http.headers import cors_headers, header, request_id
from falachefe.http.problems import proxy_response


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    headers = {"Content-Type": "application/json", **cors_headers(header(event, "origin"))}
    return proxy_response(200, {"status": "live"}, request_id(event), headers)
