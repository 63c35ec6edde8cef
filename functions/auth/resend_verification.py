"""POST /v1/auth/resend-verification: mails another link to confirm an e-mail."""

from aws_lambda_powertools.event_handler import Response
from pydantic import BaseModel, ConfigDict

from falachefe.accounts.mail.requests import request_mail
from falachefe.app import auth_wiring, runtime
from falachefe.app.rest import rest_api
from falachefe.http.accepted import accepted
from falachefe.http.fields import Email
from falachefe.http.schemas import Accepted

api = rest_api("auth")


class ResendVerification(BaseModel):
    model_config = ConfigDict(extra="forbid")

    email: Email


@api.post(
    "/resend-verification",
    public="it is requested before the first sign-in",
    summary="Request another link to confirm an e-mail",
    status_code=202,
    refuses={429: "Too many e-mails to this address, or requests from this IP address"},
)
def resend_verification(body: ResendVerification) -> Response[Accepted]:
    auth_wiring.limit_mails(api, body.email)
    request_mail(runtime.publisher(), "verification_requested", body.email)
    return accepted("Se este e-mail ainda precisa ser confirmado, enviamos um novo link.")


handler = api.handler()
