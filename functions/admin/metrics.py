"""GET /v1/admin/metrics: the activity of the company's users and agents, by day."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from falachefe.administration.metrics import Metrics, measure
from falachefe.app.rest import rest_api
from falachefe.http.unit_of_work import request_unit_of_work
from falachefe.resources.schemas import IsoDate

api = rest_api("admin")


@api.get("/metrics", permission="metrics.read", summary="Read the company's figures of a period")
def metrics(
    start: Annotated[IsoDate | None, Query(description="The last 30 days without it")] = None,
    end: Annotated[IsoDate | None, Query(description="Included; today without it")] = None,
) -> Metrics:
    with request_unit_of_work(api) as work:
        return measure(work, start, end)


handler = api.handler()
