"""POST /v1/auth/whatsapp/resend: sends another code over WhatsApp to a phone that was sent one recently."""

from typing import Annotated
from uuid import UUID

from aws_lambda_powertools.event_handler import Response
from pydantic import BaseModel, ConfigDict, StringConstraints

from falachefe.app import auth_wiring, phone_sign_in_wiring
from falachefe.app.rest import rest_api
from falachefe.http.accepted import accepted
from falachefe.http.schemas import Accepted
from falachefe.messaging.inbound.code_requests import phone_given

api = rest_api("auth")


class Resend(BaseModel):
    model_config = ConfigDict(extra="forbid")

    company_id: UUID
    phone: Annotated[str, StringConstraints(min_length=8, max_length=30)]


@api.post(
    "/whatsapp/resend",
    public="it is part of signing in",
    summary="Request another code by WhatsApp",
    status_code=202,
    refuses={429: "Too many codes for this phone"},
)
def resend(body: Resend) -> Response[Accepted]:
    auth_wiring.limit_codes(api)
    phone_sign_in_wiring.code_requests().resend(
        body.company_id, phone_given(body.phone), phone_sign_in_wiring.origin(api)
    )
    return accepted("Se houver uma confirmação pendente para este telefone, um novo código chega pelo WhatsApp.")


handler = api.handler()
