"""/v1/business/employees: who works here."""

from falachefe.hr.resources import EMPLOYEES
from falachefe.resources.http import serve

api = serve(EMPLOYEES)
handler = api.handler()
