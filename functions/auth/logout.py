"""POST /v1/auth/logout: ends the session of the access token."""

from aws_lambda_powertools.event_handler import Response

from falachefe.accounts.responses import actor_of
from falachefe.app import runtime
from falachefe.app.rest import rest_api
from falachefe.sessions.authenticator import session_key
from falachefe.sessions.logout import sign_out

api = rest_api("auth")


@api.post("/logout", permission="account.manage", summary="Sign out", status_code=204)
def logout() -> Response[str]:
    here = session_key(api.principal())
    sign_out(runtime.database(), runtime.sessions(), here, actor_of(api), runtime.clock().now())
    return Response(204, body="")


handler = api.handler()
