"""POST /v1/auth/reset: another password for the token of a mailed link."""

from pydantic import BaseModel, ConfigDict

from falachefe import runtime
from falachefe.auth import accounts, doors
from falachefe.auth.bodies import MailedToken, Password
from falachefe.auth.schemas import PasswordReset
from falachefe.auth.views import actor_of
from falachefe.http.api import Api

api = Api("auth")


class Reset(BaseModel):
    model_config = ConfigDict(extra="forbid")

    token: MailedToken
    password: Password


@api.post(
    "/reset",
    public="the mailed token is the credential",
    summary="Choose a new password by a mailed token",
    refuses={429: "Too many tries from this address"},
)
def reset(body: Reset) -> PasswordReset:
    doors.limit_links(api)
    now = runtime.clock().now()
    email = accounts.reset_password(
        runtime.database(),
        runtime.publisher(),
        doors.attempts(),
        runtime.sessions(),
        doors.mail_tokens(),
        token=body.token,
        password=body.password,
        place=doors.network(api),
        by=actor_of(api),
        now=now,
    )
    return {
        "status": "changed",
        "message": "Senha alterada. Entre com a nova senha.",
        "device_token": doors.devices().token(email, now),
    }


handler = api.handler()
