"""/v1/admin/plans: the plans and their limits."""

from typing import Any

from falachefe.app.rest import rest_api
from falachefe.companies.schemas import (
    PlanCode,
    PlanPatch,
    Plans,
    PlanShown,
)
from falachefe.http.parameters import IfMatch
from falachefe.http.unit_of_work import platform_unit_of_work, request_unit_of_work
from falachefe.plans import catalogue
from falachefe.resources.preconditions import tagged

api = rest_api("admin")


@api.get("/plans", permission="plans.read", summary="List the plans")
def listed() -> Plans:
    with request_unit_of_work(api) as work:
        return catalogue.listed(work.session)


@api.patch(
    "/plans/<code>",
    permission="plans.manage",
    summary="Update a plan and its limits",
    refuses={404: "No such plan", 412: "The plan has changed since it was read", 428: "If-Match is missing"},
)
def change(code: PlanCode, body: PlanPatch, if_match: IfMatch = None) -> PlanShown:  # type: ignore[valid-type]  # made at run time
    patch: Any = body
    with platform_unit_of_work(api) as work:
        changed = catalogue.change(work, code, patch, if_match)
    return tagged(api.add_header, changed)


handler = api.handler()
