"""/v1/whatsapp/contacts: the phones that wrote to the company."""

from falachefe.app.rest import resource_api
from falachefe.messaging.api.resources import CONTACTS

api = resource_api(CONTACTS)
handler = api.handler()
