"""GET and DELETE /v1/auth/sessions, DELETE /v1/auth/sessions/{session_id}: the caller's own sessions."""

from uuid import UUID

from aws_lambda_powertools.event_handler import Response

from falachefe.accounts.responses import actor_of
from falachefe.accounts.schemas import OtherSessionsEnded, OwnSessions
from falachefe.accounts.users import SessionKey
from falachefe.app import runtime
from falachefe.app.rest import rest_api
from falachefe.sessions import logout
from falachefe.sessions.authenticator import session_key
from falachefe.sessions.responses import session_document

api = rest_api("auth")


@api.get("/sessions", permission="account.manage", summary="List the caller's sessions")
def listed() -> OwnSessions:
    here = session_key(api.principal())
    now = runtime.clock().now()
    found = runtime.sessions().of_user(here.company_id, here.user_id, now)
    me = runtime.permission_cache().of(here.company_id, here.user_id, now)
    live = [one for one in found if not me.has_ended(one.key.session_id, one.created_at)]
    return {"data": [session_document(session, current=here.session_id) for session in live]}


@api.delete("/sessions", permission="account.manage", summary="End the caller's other sessions")
def end_others() -> OtherSessionsEnded:
    here = session_key(api.principal())
    now = runtime.clock().now()
    return {"ended": logout.end_others(runtime.database(), runtime.sessions(), here, actor_of(api), now)}


@api.delete(
    "/sessions/<session_id>",
    permission="account.manage",
    summary="End one of the caller's sessions",
    status_code=204,
    refuses={404: "The caller has no such session"},
)
def end(session_id: UUID) -> Response[str]:
    here = session_key(api.principal())
    key = SessionKey(here.company_id, here.user_id, session_id)
    logout.end_session(runtime.database(), runtime.sessions(), key, actor_of(api), runtime.clock().now())
    return Response(204, body="")


handler = api.handler()
