"""/v1/business/budgets: what may be spent on a category in a month, beside what was."""

from falachefe.app.rest import resource_api
from falachefe.finance.resources import BUDGETS

api = resource_api(BUDGETS)
handler = api.handler()
