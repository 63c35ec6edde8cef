"""/v1/whatsapp/conversations/{conversation_id}/messages: the newest first."""

from falachefe.messaging.api.resources import MESSAGES
from falachefe.resources.http import serve

api = serve(MESSAGES)
handler = api.handler()
