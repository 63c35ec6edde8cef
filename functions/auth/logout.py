"""POST /v1/auth/logout: the session of the access token ends."""

from aws_lambda_powertools.event_handler import Response

from falachefe import runtime
from falachefe.auth.principals import session_key
from falachefe.http.api import Api

api = Api("auth")


@api.post("/logout", permission="account.manage")
def logout() -> Response[str]:
    runtime.sessions().end(session_key(api.principal()))
    return Response(204, body="")


handler = api.handler()
