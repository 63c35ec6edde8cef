"""/v1/business/tickets: what contacts need help with."""

from falachefe.resources.http import serve
from falachefe.support.resources import TICKETS

api = serve(TICKETS)
handler = api.handler()
