"""/v1/whatsapp/contacts: the people who write to the company's channels."""

from falachefe.app.rest import resource_api
from falachefe.messaging.api.resources import CONTACTS

api = resource_api(CONTACTS)
handler = api.handler()
