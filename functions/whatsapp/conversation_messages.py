"""GET /v1/whatsapp/conversations/{conversation_id}/messages: newest first."""

from typing import Annotated
from uuid import UUID

from aws_lambda_powertools.event_handler.openapi.params import Query

from falachefe import runtime
from falachefe.http.api import Api
from falachefe.whatsapp.queries import messages_page
from falachefe.whatsapp.schemas import Messages

api = Api("whatsapp")


@api.get(
    "/conversations/<conversation_id>/messages",
    permission="conversations.read",
    summary="List a conversation's messages, newest first",
    refuses={404: "There is no such conversation"},
)
def messages(
    conversation_id: UUID,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
) -> Messages:
    company_id = api.principal().company_id
    with runtime.database().tenant(company_id) as session:
        page = messages_page(session, company_id, conversation_id, limit=limit, cursor=cursor)
    return {"items": page.items, "next_cursor": page.next_cursor}


handler = api.handler()
