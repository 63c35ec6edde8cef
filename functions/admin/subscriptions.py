"""/v1/admin/subscriptions and /v1/admin/companies/{company_id}/subscriptions: plans subscribed to, and their usage."""

from typing import Any
from uuid import UUID

from falachefe.administration.usage import usage as used_of_plan
from falachefe.app.rest import rest_api
from falachefe.companies.schemas import (
    SubscriptionIn,
    SubscriptionPatch,
    Subscriptions,
    SubscriptionShown,
    Usage,
)
from falachefe.http.parameters import IfMatch
from falachefe.http.unit_of_work import request_unit_of_work
from falachefe.plans import subscriptions
from falachefe.resources.preconditions import tagged

api = rest_api("admin")
GONE = {404: "No such company"}


@api.get("/subscriptions", permission="subscriptions.read", summary="Get the subscriptions of the caller's company")
def own() -> Subscriptions:
    with request_unit_of_work(api) as work:
        return subscriptions.listed(work)


@api.get("/subscriptions/usage", permission="subscriptions.read", summary="Get the usage of the plan")
def usage() -> Usage:
    with request_unit_of_work(api) as work:
        return used_of_plan(work)


@api.get(
    "/companies/<company_id>/subscriptions",
    permission="subscriptions.manage",
    summary="Get a company's subscriptions",
    refuses=GONE,
)
def of_company(company_id: UUID) -> Subscriptions:
    with request_unit_of_work(api, company_id) as work:
        return subscriptions.listed(work)


@api.post(
    "/companies/<company_id>/subscriptions",
    permission="subscriptions.manage",
    status_code=201,
    summary="Start a new subscription and end the current one",
    refuses=GONE,
)
def start(company_id: UUID, body: SubscriptionIn) -> tuple[SubscriptionShown, int]:
    with request_unit_of_work(api, company_id) as work:
        started = subscriptions.start(work, body)
    return tagged(api.add_header, started), 201


@api.patch(
    "/companies/<company_id>/subscriptions/current",
    permission="subscriptions.manage",
    summary="Update a company's current subscription",
    refuses={**GONE, 412: "The subscription has changed since it was read", 428: "If-Match is missing"},
)
def change(company_id: UUID, body: SubscriptionPatch, if_match: IfMatch = None) -> SubscriptionShown:  # type: ignore[valid-type]  # made at run time
    patch: Any = body
    with request_unit_of_work(api, company_id) as work:
        changed = subscriptions.change(work, patch, if_match)
    return tagged(api.add_header, changed)


handler = api.handler()
