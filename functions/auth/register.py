"""POST /v1/auth/register: creates a company with its first admin, and opens a session for them."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

from falachefe.accounts.passwords.fields import Password
from falachefe.accounts.responses import actor_of
from falachefe.accounts.schemas import SignIn
from falachefe.app import auth_wiring, runtime
from falachefe.app.rest import rest_api
from falachefe.http.fields import Email
from falachefe.onboarding import registration
from falachefe.sessions import sign_in
from falachefe.sessions.responses import device_of, sign_in_document

api = rest_api("auth")


class Company(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, StringConstraints(min_length=2, max_length=120)]


class Register(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, StringConstraints(min_length=2, max_length=120)]
    email: Email
    password: Password
    company: Company


@api.post(
    "/register",
    public="it creates the company and its first account",
    summary="Register a company and its first admin",
    status_code=201,
    refuses={409: "The e-mail already has an account", 429: "Too many registrations from this IP address"},
)
def register(body: Register) -> SignIn:
    auth_wiring.limit_registrations(api)
    now = runtime.clock().now()
    user = registration.register(
        runtime.database(),
        runtime.publisher(),
        name=body.name,
        email=body.email,
        password=body.password,
        company_name=body.company.name,
        by=actor_of(api),
        now=now,
    )
    signed_in = sign_in.sign_in_member(
        runtime.database(),
        runtime.sessions(),
        auth_wiring.signing_key(),
        company_id=user.company_id,
        user_id=user.id,
        device=device_of(api.event),
        method="registration",
        by=actor_of(api),
        now=now,
    )
    return sign_in_document(signed_in)


handler = api.handler()
