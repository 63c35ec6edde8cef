"""/v1/admin/companies/{company_id}/feature-flags: the features of one company, and overrides for it."""

from uuid import UUID

from aws_lambda_powertools.event_handler import Response

from falachefe.app.rest import rest_api
from falachefe.companies.schemas import CompanyFlags, OverrideIn
from falachefe.flags import catalogue as flag_catalogue
from falachefe.flags.parameters import NamedFlag
from falachefe.http.unit_of_work import request_unit_of_work

api = rest_api("admin")
GONE = {404: "No such company or feature"}


@api.get(
    "/companies/<company_id>/feature-flags",
    permission="flags.manage",
    summary="List the features as they apply to a company",
    refuses=GONE,
)
def listed(company_id: UUID) -> CompanyFlags:
    with request_unit_of_work(api, company_id) as work:
        return flag_catalogue.of_company(work)


@api.post(
    "/companies/<company_id>/feature-flags/<name>",
    permission="flags.manage",
    summary="Enable or disable a feature for one company",
    refuses=GONE,
)
def decide(company_id: UUID, name: NamedFlag, body: OverrideIn) -> CompanyFlags:
    with request_unit_of_work(api, company_id) as work:
        return flag_catalogue.set_override(work, name, enabled=body.enabled)


@api.delete(
    "/companies/<company_id>/feature-flags/<name>",
    permission="flags.manage",
    status_code=204,
    summary="Remove a company's override of a feature",
    refuses=GONE,
)
def forget(company_id: UUID, name: NamedFlag) -> Response[str]:
    with request_unit_of_work(api, company_id) as work:
        flag_catalogue.remove_override(work, name)
    return Response(204, body="")


handler = api.handler()
