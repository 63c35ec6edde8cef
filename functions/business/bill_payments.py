"""/v1/business/bills/{bill_id}/payments: the payments of a bill, oldest first."""

from falachefe.app.rest import resource_api
from falachefe.finance.bills.resources import BILL_PAYMENTS

api = resource_api(BILL_PAYMENTS)
handler = api.handler()
