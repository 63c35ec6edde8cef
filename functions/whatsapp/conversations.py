"""GET /v1/whatsapp/conversations: the company's conversations, the last active first."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from falachefe import runtime
from falachefe.http.api import Api
from falachefe.whatsapp.queries import conversations_page
from falachefe.whatsapp.schemas import Conversations

api = Api("whatsapp")


@api.get("/conversations", permission="conversations.read", summary="List conversations, the last active first")
def conversations(
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
) -> Conversations:
    company_id = api.principal().company_id
    with runtime.database().tenant(company_id) as session:
        page = conversations_page(session, company_id, limit=limit, cursor=cursor)
    return {"items": page.items, "next_cursor": page.next_cursor}


handler = api.handler()
