"""/v1/business/budgets: what may be spent on a category in a month, beside what was."""

from falachefe.finance.resources import BUDGETS
from falachefe.resources.http import serve

api = serve(BUDGETS)
handler = api.handler()
