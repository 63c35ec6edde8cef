"""/v1/business/tickets: requests of contacts to the team."""

from falachefe.app.rest import resource_api
from falachefe.support.resources import TICKETS

api = resource_api(TICKETS)
handler = api.handler()
