"""/v1/whatsapp/channels: the company's numbers."""

from falachefe.messaging.api.resources import CHANNELS
from falachefe.resources.http import serve

api = serve(CHANNELS)
handler = api.handler()
