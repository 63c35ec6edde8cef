"""GET /v1/crews/status: crews and agents, what runs, what waits, and the last 24 hours."""

from typing import Any

from falachefe import runtime
from falachefe.crews import service
from falachefe.http.api import Api

api = Api("crews")


@api.get("/status", permission="crews.read")
def status() -> dict[str, Any]:
    company_id = api.principal().company_id
    with runtime.database().tenant(company_id) as session:
        return service.status(session, company_id, now=runtime.clock().now())


handler = api.handler()
