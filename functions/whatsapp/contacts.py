"""/v1/whatsapp/contacts: the phones that wrote to the company."""

from falachefe.resources.http import serve
from falachefe.whatsapp.resources import CONTACTS

api = serve(CONTACTS)
handler = api.handler()
