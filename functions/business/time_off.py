"""/v1/business/time-off: days off, asked for and decided."""

from falachefe.hr.resources import TIME_OFF
from falachefe.resources.http import serve

api = serve(TIME_OFF)
handler = api.handler()
