"""/v1/whatsapp/channels: the company's numbers."""

from falachefe.resources.http import serve
from falachefe.whatsapp.resources import CHANNELS

api = serve(CHANNELS)
handler = api.handler()
