"""GET /v1/admin/metrics: the activity of the company's users and agents, by day."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from falachefe.administration.metrics import Metrics, measure
from falachefe.app.rest import rest_api
from falachefe.http.unit_of_work import request_unit_of_work
from falachefe.resources.schemas import IsoDate

api = rest_api("admin")


@api.get("/metrics", permission="metrics.read", summary="Get the company's metrics for a period")
def metrics(
    start: Annotated[IsoDate | None, Query(description="First day; by default the period has 30 days")] = None,
    end: Annotated[IsoDate | None, Query(description="Last day, included; by default today")] = None,
) -> Metrics:
    with request_unit_of_work(api) as work:
        return measure(work, start, end)


handler = api.handler()
