"""/v1/admin/sessions: the sessions of the company's users."""

from contextlib import AbstractContextManager
from typing import Annotated
from uuid import UUID

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query

from falachefe.app import runtime
from falachefe.app.rest import rest_api
from falachefe.http.unit_of_work import RequestUnitOfWork, request_unit_of_work
from falachefe.sessions import admin as session_admin
from falachefe.sessions.schemas import SessionsEnded, SessionsOfPerson, session_document

NEEDS = ("sessions",)
NOBODY = {404: "No such user"}

api = rest_api("admin")


def _work() -> AbstractContextManager[RequestUnitOfWork]:
    return request_unit_of_work(api)


@api.get("/sessions", permission="sessions.read", summary="List a user's sessions", refuses=NOBODY)
def listed(user_id: Annotated[UUID, Query(description="The user whose sessions are listed")]) -> SessionsOfPerson:
    return {"data": [session_document(one) for one in session_admin.of_person(_work, runtime.sessions(), user_id)]}


@api.delete("/sessions/<user_id>", permission="sessions.end", summary="End all sessions of a user", refuses=NOBODY)
def end_all(user_id: UUID) -> SessionsEnded:
    """The sessions are refused everywhere within 30 seconds."""
    return {"ended": session_admin.end_all(_work, runtime.sessions(), user_id)}


@api.delete(
    "/sessions/<user_id>/<session_id>",
    permission="sessions.end",
    summary="End one session of a user",
    status_code=204,
    refuses={404: "No such user or session"},
)
def end(user_id: UUID, session_id: UUID) -> Response[str]:
    session_admin.end_one(_work, runtime.sessions(), user_id, session_id)
    return Response(204, body="")


handler = api.handler()
