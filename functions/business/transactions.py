"""/v1/business/transactions: the ledger's entries."""

from falachefe.finance.resources import TRANSACTIONS
from falachefe.resources.http import serve

api = serve(TRANSACTIONS)
handler = api.handler()
