"""/v1/crews/crews: the company's crews."""

from falachefe.app.rest import resource_api
from falachefe.crews.api.resources import CREWS

api = resource_api(CREWS)
handler = api.handler()
