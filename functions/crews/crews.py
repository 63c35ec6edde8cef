"""/v1/crews/crews: the company's crews."""

from falachefe.crews.resources import CREWS
from falachefe.resources.http import serve

api = serve(CREWS)
handler = api.handler()
