"""/v1/business/reminders: what the caller wants to be told, and when."""

from falachefe.app.rest import resource_api
from falachefe.reminders.resources import REMINDERS

api = resource_api(REMINDERS)
handler = api.handler()
