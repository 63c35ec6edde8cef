"""/v1/business/employees: who works here."""

from falachefe.app.rest import resource_api
from falachefe.hr.resources import EMPLOYEES

api = resource_api(EMPLOYEES)
handler = api.handler()
