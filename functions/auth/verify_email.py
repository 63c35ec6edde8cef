"""POST /v1/auth/verify-email: the token of a mailed link shows that the e-mail is its person's."""

from pydantic import BaseModel, ConfigDict

from falachefe import runtime
from falachefe.auth import accounts, doors
from falachefe.auth.bodies import MailedToken
from falachefe.auth.schemas import EmailVerified
from falachefe.auth.views import actor_of
from falachefe.http.api import Api

api = Api("auth")


class VerifyEmail(BaseModel):
    model_config = ConfigDict(extra="forbid")

    token: MailedToken


@api.post(
    "/verify-email",
    public="the mailed token is the credential",
    summary="Confirm an e-mail by a mailed token",
    refuses={429: "Too many tries from this address"},
)
def verify_email(body: VerifyEmail) -> EmailVerified:
    doors.limit_links(api)
    now = runtime.clock().now()
    accounts.verify_email(runtime.database(), doors.mail_tokens(), token=body.token, by=actor_of(api), now=now)
    return {"status": "verified", "message": "E-mail confirmado."}


handler = api.handler()
