"""/v1/whatsapp/conversations: who talks with the crew, and who has taken over."""

from falachefe.messaging.api.resources import CONVERSATIONS
from falachefe.resources.http import serve

api = serve(CONVERSATIONS)
handler = api.handler()
