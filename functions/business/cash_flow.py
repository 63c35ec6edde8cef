"""GET /v1/business/cash-flow: income, expenses and balance between two dates."""

from falachefe.app import runtime
from falachefe.app.rest import rest_api
from falachefe.finance import schemas, service
from falachefe.finance.schemas import CashFlowOut, IsoDate

api = rest_api("business")


@api.get("/cash-flow", permission="finance.read", summary="Sum income and expenses between two dates")
def cash_flow(start: IsoDate, end: IsoDate) -> CashFlowOut:
    company_id = api.principal().company_id
    with runtime.database().tenant(company_id) as session:
        flow = service.cash_flow(session, company_id, start, end)
    return schemas.cash_flow_document(flow)


handler = api.handler()
