"""/v1/whatsapp/contacts: the phones that wrote to the company."""

from falachefe.messaging.api.resources import CONTACTS
from falachefe.resources.http import serve

api = serve(CONTACTS)
handler = api.handler()
