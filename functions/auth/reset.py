"""POST /v1/auth/reset: another password for the token of a mailed link."""

from pydantic import BaseModel, ConfigDict

from falachefe import runtime
from falachefe.auth import accounts, doors
from falachefe.auth.bodies import MailedToken, Password
from falachefe.http.api import Api

api = Api("auth")


class Reset(BaseModel):
    model_config = ConfigDict(extra="forbid")

    token: MailedToken
    password: Password


@api.post("/reset", public="the mailed token is the credential")
def reset(body: Reset) -> dict[str, str]:
    doors.limit_links(api)
    accounts.reset_password(
        runtime.database(),
        runtime.publisher(),
        doors.attempts(),
        runtime.sessions(),
        doors.mail_tokens(),
        token=body.token,
        password=body.password,
        now=runtime.clock().now(),
    )
    return {"status": "changed", "message": "Senha alterada. Entre com a nova senha."}


handler = api.handler()
