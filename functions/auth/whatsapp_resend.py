"""POST /v1/auth/whatsapp/resend: another code, by WhatsApp, for someone who was sent one lately."""

from typing import Annotated
from uuid import UUID

from aws_lambda_powertools.event_handler import Response
from pydantic import BaseModel, ConfigDict, StringConstraints

from falachefe.app import auth_wiring, runtime
from falachefe.app.rest import rest_api
from falachefe.aws.emf import emit
from falachefe.http.schemas import Accepted
from falachefe.messaging.inbound.code_requests import SignInRequests, phone_given
from falachefe.phone_sign_in.codes import Codes
from falachefe.phone_sign_in.people import origin_of
from falachefe.phone_sign_in.service import SignIn

api = rest_api("auth")


class Resend(BaseModel):
    model_config = ConfigDict(extra="forbid")

    company_id: UUID
    phone: Annotated[str, StringConstraints(min_length=8, max_length=30)]


@api.post(
    "/whatsapp/resend",
    public="this is how one signs in",
    summary="Ask for another code by WhatsApp",
    status_code=202,
    refuses={429: "Too many codes for this phone"},
)
def resend(body: Resend) -> Response[Accepted]:
    auth_wiring.limit_codes(api)
    requests = SignInRequests(
        database=runtime.database(),
        publisher=runtime.publisher(),
        sign_in=SignIn(runtime.table("AUTH_TABLE"), lambda: Codes(runtime.pepper())),
        clock=runtime.clock(),
        count=emit,
    )
    origin = origin_of(api.event.request_context.identity.source_ip, api.event.headers.get("user-agent"))
    requests.resend(body.company_id, phone_given(body.phone), origin)
    message = "Se houver uma confirmação pendente para este telefone, um novo código chega pelo WhatsApp."
    return Response(202, "application/json", Accepted(status="accepted", message=message))


handler = api.handler()
