"""/v1/business/suppliers: whom the company buys from."""

from falachefe.app.rest import resource_api
from falachefe.finance.suppliers import SUPPLIERS

api = resource_api(SUPPLIERS)
handler = api.handler()
