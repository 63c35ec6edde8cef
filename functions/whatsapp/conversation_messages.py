"""/v1/whatsapp/conversations/{conversation_id}/messages: the newest first."""

from falachefe.app.rest import resource_api
from falachefe.messaging.api.resources import MESSAGES

api = resource_api(MESSAGES)
handler = api.handler()
