"""GET and DELETE /v1/auth/sessions, DELETE /v1/auth/sessions/{session_id}: where one is signed in."""

from typing import Any
from uuid import UUID

from aws_lambda_powertools.event_handler import Response

from falachefe import runtime
from falachefe.auth.principals import session_key
from falachefe.auth.refresh import SessionKey
from falachefe.auth.views import shown_session
from falachefe.http.api import Api
from falachefe.kernel.errors import NotFound

api = Api("auth")


@api.get("/sessions", permission="account.manage")
def listed() -> dict[str, Any]:
    here = session_key(api.principal())
    found = runtime.sessions().of_user(here.company_id, here.user_id, runtime.clock().now())
    return {"data": [shown_session(session, current=here.session_id) for session in found]}


@api.delete("/sessions", permission="account.manage")
def end_others() -> dict[str, int]:
    here = session_key(api.principal())
    now = runtime.clock().now()
    return {"ended": runtime.sessions().end_all(here.company_id, here.user_id, now, but=here.session_id)}


@api.delete("/sessions/<session_id>", permission="account.manage")
def end(session_id: UUID) -> Response[str]:
    here = session_key(api.principal())
    if not runtime.sessions().end(SessionKey(here.company_id, here.user_id, session_id)):
        raise NotFound("Esta sessão não existe.", code="session_not_found")
    return Response(204, body="")


handler = api.handler()
