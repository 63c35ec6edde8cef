"""/v1/whatsapp/conversations/{conversation_id}/messages: the messages of a conversation, newest first."""

from falachefe.app.rest import resource_api
from falachefe.messaging.api.resources import MESSAGES

api = resource_api(MESSAGES)
handler = api.handler()
