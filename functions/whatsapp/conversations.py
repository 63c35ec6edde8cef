"""/v1/whatsapp/conversations: conversations with the crew, and takeovers by a human."""

from falachefe.app.rest import resource_api
from falachefe.messaging.api.resources import CONVERSATIONS

api = resource_api(CONVERSATIONS)
handler = api.handler()
