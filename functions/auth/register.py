"""POST /v1/auth/register: a company, its first admin and their session."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from pydantic import BaseModel, ConfigDict, StringConstraints

from falachefe import runtime
from falachefe.auth import accounts, doors, service
from falachefe.auth.bodies import Email, Password
from falachefe.auth.principals import token_keys
from falachefe.auth.views import device_of, shown_sign_in
from falachefe.http.api import Api

api = Api("auth")


class Company(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, StringConstraints(min_length=2, max_length=120)]


class Register(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, StringConstraints(min_length=2, max_length=120)]
    email: Email
    password: Password
    company: Company


@api.post("/register", public="this is how a company begins")
def register(body: Register) -> Response[dict[str, Any]]:
    doors.limit_registrations(api)
    now = runtime.clock().now()
    user = accounts.register(
        runtime.database(),
        runtime.publisher(),
        name=body.name,
        email=body.email,
        password=body.password,
        company_name=body.company.name,
        now=now,
    )
    signed_in = service.open_session(runtime.sessions(), token_keys(), user, device_of(api.event), now)
    return Response(201, "application/json", shown_sign_in(signed_in))


handler = api.handler()
