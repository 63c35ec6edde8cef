"""POST /v1/auth/password: changes the password and ends the other sessions."""

from pydantic import BaseModel, ConfigDict

from falachefe.accounts import service as accounts
from falachefe.accounts.passwords.fields import Password
from falachefe.accounts.responses import actor_of
from falachefe.accounts.schemas import PasswordChanged
from falachefe.app import auth_wiring, runtime
from falachefe.app.rest import rest_api
from falachefe.sessions.authenticator import session_key

api = rest_api("auth")


class ChangePassword(BaseModel):
    model_config = ConfigDict(extra="forbid")

    current_password: Password
    new_password: Password


@api.post(
    "/password",
    permission="account.manage",
    summary="Change the caller's password",
    refuses={429: "Too many wrong passwords"},
)
def change_password(body: ChangePassword) -> PasswordChanged:
    ended = accounts.change_password(
        runtime.database(),
        runtime.publisher(),
        auth_wiring.attempts(),
        runtime.sessions(),
        session_key(api.principal()),
        current=body.current_password,
        new=body.new_password,
        by=actor_of(api),
        now=runtime.clock().now(),
    )
    return {"sessions_ended": ended}


handler = api.handler()
