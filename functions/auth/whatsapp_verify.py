"""POST /v1/auth/whatsapp/verify: accepts a code that was sent over WhatsApp, outside the chat."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from falachefe.accounts.responses import actor_of
from falachefe.accounts.schemas import WhatsappSignIn
from falachefe.app import auth_wiring, phone_sign_in_wiring, runtime
from falachefe.app.rest import rest_api
from falachefe.messaging.inbound.code_requests import phone_given
from falachefe.sessions import sign_in
from falachefe.sessions.responses import device_of, sign_in_document

api = rest_api("auth")


class Verify(BaseModel):
    model_config = ConfigDict(extra="forbid")

    company_id: UUID
    phone: Annotated[str, StringConstraints(min_length=8, max_length=30)]
    code: Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$"), Field(examples=["123456"])]
    device_name: Annotated[str, StringConstraints(max_length=100)] | None = None


@api.post(
    "/whatsapp/verify",
    public="it is part of signing in",
    summary="Sign in with a code received by WhatsApp",
    refuses={
        403: "The company is suspended",
        422: "The code is wrong or expired, or the request is invalid",
        429: "Too many attempts for this phone",
    },
)
def verify(body: Verify) -> WhatsappSignIn:
    auth_wiring.limit_codes(api)
    user_id = phone_sign_in_wiring.code_requests().verify(
        body.company_id, phone_given(body.phone), body.code, phone_sign_in_wiring.origin(api)
    )
    answer = WhatsappSignIn(status="verified", message="Número confirmado. Continue a conversa no WhatsApp.")
    if user_id is None:  # an outsider has no account to open a session for
        return answer
    signed_in = sign_in.sign_in_member(
        runtime.database(),
        runtime.sessions(),
        auth_wiring.signing_key(),
        company_id=body.company_id,
        user_id=user_id,
        device=device_of(api.event, body.device_name),
        method="whatsapp",
        by=actor_of(api),
        now=runtime.clock().now(),
    )
    return {**answer, **sign_in_document(signed_in)}


handler = api.handler()
