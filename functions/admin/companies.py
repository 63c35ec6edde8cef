"""/v1/admin/companies: all companies of the platform, for superadmins."""

from typing import Annotated, Any
from uuid import UUID

from aws_lambda_powertools.event_handler.openapi.params import Query

from falachefe.administration import companies
from falachefe.app import runtime
from falachefe.app.rest import rest_api
from falachefe.companies.schemas import (
    Companies,
    CompanyIn,
    CompanyPatch,
    CompanyShown,
    CompanyStatus,
)
from falachefe.http.parameters import IfMatch
from falachefe.http.unit_of_work import request_unit_of_work
from falachefe.kernel.ids import new_id
from falachefe.onboarding.provisioning import create_company
from falachefe.resources.preconditions import tagged

NEEDS = ("emails",)

api = rest_api("admin")
GONE = {404: "No such company"}
STALE = {412: "The company has changed since it was read", 428: "If-Match is missing"}


@api.get("/companies", permission="companies.read", summary="List companies")
def listed(
    search: Annotated[str | None, Query(min_length=1, max_length=120)] = None,
    status: Annotated[CompanyStatus | None, Query()] = None,
    cursor: Annotated[UUID | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=50)] = 20,
) -> Companies:
    now = runtime.clock().now()
    return companies.listed(runtime.database(), search=search, status=status, cursor=cursor, limit=limit, now=now)


@api.get("/companies/<company_id>", permission="companies.read", summary="Get a company", refuses=GONE)
def shown(company_id: UUID) -> CompanyShown:
    return _shown(company_id)


@api.post(
    "/companies",
    permission="companies.manage",
    status_code=201,
    summary="Create a company",
    refuses={409: "The first admin's e-mail already has an account"},
)
def create(body: CompanyIn) -> tuple[CompanyShown, int]:
    company_id = new_id()
    with request_unit_of_work(api, company_id) as work:
        create_company(work, body)
    api.add_header("Location", f"/v1/admin/companies/{company_id}")
    return _shown(company_id), 201


@api.patch(
    "/companies/<company_id>",
    permission="companies.manage",
    summary="Update, suspend, close or reactivate a company",
    refuses={**GONE, 409: "The caller cannot suspend or close their own company", **STALE},
)
def update(company_id: UUID, body: CompanyPatch, if_match: IfMatch = None) -> CompanyShown:  # type: ignore[valid-type]  # made at run time
    patch: Any = body
    with request_unit_of_work(api, company_id) as work:
        companies.update(work, patch, if_match)
    return _shown(company_id)


def _shown(company_id: UUID) -> CompanyShown:
    return tagged(api.add_header, companies.shown(runtime.database(), company_id, runtime.clock().now()))


handler = api.handler()
