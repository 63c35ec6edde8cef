"""POST /v1/auth/verify-email: the token of a mailed link shows that the e-mail is its person's."""

from pydantic import BaseModel, ConfigDict

from falachefe import runtime
from falachefe.auth import accounts, doors
from falachefe.auth.bodies import MailedToken
from falachefe.http.api import Api

api = Api("auth")


class VerifyEmail(BaseModel):
    model_config = ConfigDict(extra="forbid")

    token: MailedToken


@api.post("/verify-email", public="the mailed token is the credential")
def verify_email(body: VerifyEmail) -> dict[str, str]:
    doors.limit_links(api)
    accounts.verify_email(runtime.database(), doors.mail_tokens(), token=body.token, now=runtime.clock().now())
    return {"status": "verified", "message": "E-mail confirmado."}


handler = api.handler()
