"""/v1/business/budgets: the limits for expenses of a category in a month, and what was spent."""

from falachefe.app.rest import resource_api
from falachefe.finance.resources import BUDGETS

api = resource_api(BUDGETS)
handler = api.handler()
