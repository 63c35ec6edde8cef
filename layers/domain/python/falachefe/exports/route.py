"""`POST /<resource>/exports`: the route of a resource whose list can be exported."""

from typing import Any, Final

from aws_lambda_powertools.event_handler import Response

from falachefe.exports.schemas import ExportIn
from falachefe.http.rate_limits.callers import Limit
from falachefe.http.unit_of_work import request_unit_of_work
from falachefe.resources.http import ResourceApi, json_text, response_of
from falachefe.resources.idempotency import Answer, once_for

_LIMIT: Final = Limit("exports", 10)
"""Requests a minute: each export reads a whole table."""


def add_export_route(api: ResourceApi) -> None:
    """Adds the route; its function gets access to exports by `api.needs`, from which the template is made."""
    resource = api.resource

    def export(body: ExportIn) -> Response[Any]:
        from falachefe.exports.service import request_export  # noqa: PLC0415  # models of exports, only loaded by the first export

        def act() -> Answer:
            with request_unit_of_work(api) as work:
                export_id = request_export(work, resource, body)
            answer = {"id": str(export_id), "status": "pending"}
            return Answer(202, json_text(answer), {"Location": f"/v1/platform/exports/{export_id}"})

        return response_of(once_for(api, act))

    export.__name__ = export.__qualname__ = f"export_{resource.name.replace('-', '_')}"
    rules: dict[str, Any] = {"limit": _LIMIT, "deprecation": resource.deprecation}
    api.post(f"{resource.path}/exports", permission=resource.permission("read"), status_code=202, **rules)(export)
    api.needs += ("exports",)
