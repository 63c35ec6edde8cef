"""POST /v1/auth/forgot: mails a link to choose a new password."""

from aws_lambda_powertools.event_handler import Response
from pydantic import BaseModel, ConfigDict

from falachefe.accounts.mail.requests import request_mail
from falachefe.app import auth_wiring, runtime
from falachefe.app.rest import rest_api
from falachefe.http.accepted import accepted
from falachefe.http.fields import Email
from falachefe.http.schemas import Accepted

api = rest_api("auth")


class Forgot(BaseModel):
    model_config = ConfigDict(extra="forbid")

    email: Email


@api.post(
    "/forgot",
    public="a user who lost the password cannot sign in",
    summary="Request a link to set a new password",
    status_code=202,
    refuses={429: "Too many e-mails to this address, or requests from this IP address"},
)
def forgot(body: Forgot) -> Response[Accepted]:
    auth_wiring.limit_mails(api, body.email)
    request_mail(runtime.publisher(), "reset_requested", body.email)
    return accepted("Se houver uma conta com este e-mail, enviamos um link para criar uma nova senha.")


handler = api.handler()
