"""/v1/business/suppliers: whom the company buys from."""

from falachefe.finance.suppliers import SUPPLIERS
from falachefe.resources.http import serve

api = serve(SUPPLIERS)
handler = api.handler()
