"""/v1/crews/crews: the company's crews."""

from falachefe.crews.api.resources import CREWS
from falachefe.resources.http import serve

api = serve(CREWS)
handler = api.handler()
