"""/v1/business/time-off: requests for days off, and decisions on them."""

from falachefe.app.rest import resource_api
from falachefe.hr.resources import TIME_OFF

api = resource_api(TIME_OFF)
handler = api.handler()
