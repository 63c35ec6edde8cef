"""/v1/whatsapp/conversations/{conversation_id}/messages: the newest first."""

from falachefe.resources.http import serve
from falachefe.whatsapp.resources import MESSAGES

api = serve(MESSAGES)
handler = api.handler()
