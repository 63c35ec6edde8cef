"""/v1/whatsapp/channels: the company's WhatsApp numbers."""

from falachefe.app.rest import resource_api
from falachefe.messaging.api.resources import CHANNELS

api = resource_api(CHANNELS)
handler = api.handler()
