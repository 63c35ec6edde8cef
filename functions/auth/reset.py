"""POST /v1/auth/reset: sets a new password by the token of a mailed link."""

from pydantic import BaseModel, ConfigDict

from falachefe.accounts import service as accounts
from falachefe.accounts.passwords.fields import Password
from falachefe.accounts.responses import actor_of
from falachefe.accounts.schemas import PasswordReset
from falachefe.api_keys.revocation import revoke_keys_of
from falachefe.app import auth_wiring, runtime
from falachefe.app.rest import rest_api
from falachefe.http.fields import MailedToken

api = rest_api("auth")


class Reset(BaseModel):
    model_config = ConfigDict(extra="forbid")

    token: MailedToken
    password: Password


@api.post(
    "/reset",
    public="the token from the e-mail is the credential",
    summary="Set a new password with the token from the e-mail",
    refuses={429: "Too many attempts from this IP address"},
)
def reset(body: Reset) -> PasswordReset:
    auth_wiring.limit_links(api)
    now = runtime.clock().now()
    email = accounts.reset_password(
        runtime.database(),
        runtime.publisher(),
        auth_wiring.attempts(),
        runtime.sessions(),
        auth_wiring.mail_tokens(),
        token=body.token,
        password=body.password,
        origin=auth_wiring.network(api),
        revoke_keys=revoke_keys_of,
        by=actor_of(api),
        now=now,
    )
    return {
        "status": "changed",
        "message": "Senha alterada. Entre com a nova senha.",
        "device_token": auth_wiring.devices().token(email, now),
    }


handler = api.handler()
