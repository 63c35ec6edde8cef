"""/v1/whatsapp/conversations: who talks with the crew, and who has taken over."""

from falachefe.resources.http import serve
from falachefe.whatsapp.resources import CONVERSATIONS

api = serve(CONVERSATIONS)
handler = api.handler()
