"""POST /v1/auth/password: another password; the other sessions end."""

from pydantic import BaseModel, ConfigDict

from falachefe import runtime
from falachefe.auth import accounts, doors
from falachefe.auth.bodies import Password
from falachefe.auth.principals import session_key
from falachefe.auth.schemas import PasswordChanged
from falachefe.auth.views import actor_of
from falachefe.http.api import Api

api = Api("auth")


class ChangePassword(BaseModel):
    model_config = ConfigDict(extra="forbid")

    current_password: Password
    new_password: Password


@api.post(
    "/password",
    permission="account.manage",
    summary="Change one's own password",
    refuses={429: "Too many wrong passwords"},
)
def change_password(body: ChangePassword) -> PasswordChanged:
    ended = accounts.change_password(
        runtime.database(),
        runtime.publisher(),
        doors.attempts(),
        runtime.sessions(),
        session_key(api.principal()),
        current=body.current_password,
        new=body.new_password,
        by=actor_of(api),
        now=runtime.clock().now(),
    )
    return {"sessions_ended": ended}


handler = api.handler()
