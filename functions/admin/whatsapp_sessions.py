"""/v1/admin/whatsapp-sessions: the users who are signed in over WhatsApp."""

from contextlib import AbstractContextManager
from typing import Annotated
from uuid import UUID

from aws_lambda_powertools.event_handler.openapi.params import Query

from falachefe.app import runtime
from falachefe.app.rest import rest_api
from falachefe.http.unit_of_work import RequestUnitOfWork, request_unit_of_work
from falachefe.sessions import admin as session_admin
from falachefe.sessions.schemas import ChatSessions, SessionsEnded, chats_document

NEEDS = ("sessions",)

api = rest_api("admin")


def _work() -> AbstractContextManager[RequestUnitOfWork]:
    return request_unit_of_work(api)


@api.get("/whatsapp-sessions", permission="sessions.read", summary="List active sign-ins by WhatsApp")
def listed(
    user_id: Annotated[UUID | None, Query(description="Only the sign-ins of this user")] = None,
    cursor: Annotated[UUID | None, Query(description="`next_cursor` of the previous page")] = None,
    limit: Annotated[
        int, Query(ge=1, le=session_admin.MAX_PEOPLE, description="Number of users examined for a page")
    ] = 20,
) -> ChatSessions:
    return chats_document(session_admin.chats(_work, runtime.sessions(), user_id=user_id, after=cursor, limit=limit))


@api.delete(
    "/whatsapp-sessions/<user_id>",
    permission="sessions.end",
    summary="End a user's sign-ins by WhatsApp",
    refuses={404: "No such user"},
)
def end(user_id: UUID) -> SessionsEnded:
    """The next message from their phone needs a new code."""
    return {"ended": session_admin.end_chats(_work, runtime.sessions(), user_id)}


handler = api.handler()
