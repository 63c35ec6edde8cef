"""/v1/whatsapp/conversations: who talks with the crew, and who has taken over."""

from falachefe.app.rest import resource_api
from falachefe.messaging.api.resources import CONVERSATIONS

api = resource_api(CONVERSATIONS)
handler = api.handler()
