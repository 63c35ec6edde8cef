"""GET /v1/crews/status: crews and agents, running and waiting tasks, and the last 24 hours."""

from falachefe.app import runtime
from falachefe.app.rest import rest_api
from falachefe.crews import service
from falachefe.crews.responses import CrewsStatus

api = rest_api("crews")


@api.get("/status", permission="crews.read", summary="Get the state of the crews and their tasks")
def status() -> CrewsStatus:
    company_id = api.principal().company_id
    with runtime.database().tenant(company_id) as session:
        return service.status(session, company_id, now=runtime.clock().now())


handler = api.handler()
