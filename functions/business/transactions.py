"""/v1/business/transactions: the ledger's entries."""

from falachefe.app.rest import resource_api
from falachefe.finance.resources import TRANSACTIONS

api = resource_api(TRANSACTIONS)
handler = api.handler()
