"""/v1/business/tickets: what contacts need help with."""

from falachefe.app.rest import resource_api
from falachefe.support.resources import TICKETS

api = resource_api(TICKETS)
handler = api.handler()
