"""/v1/business/employees: the people who work for the company."""

from falachefe.app.rest import resource_api
from falachefe.hr.resources import EMPLOYEES

api = resource_api(EMPLOYEES)
handler = api.handler()
