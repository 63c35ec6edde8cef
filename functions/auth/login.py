"""POST /v1/auth/login: a session for an e-mail and its password."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, StringConstraints

from falachefe import runtime
from falachefe.auth import service
from falachefe.auth.attempts import SignInAttempts
from falachefe.auth.passwords import LONGEST_PASSWORD
from falachefe.auth.principals import AuthSettings
from falachefe.auth.tokens import TokenKeys
from falachefe.auth.views import device_of, shown_sign_in
from falachefe.http.api import Api

api = Api("auth")


class Login(BaseModel):
    model_config = ConfigDict(extra="forbid")

    email: Annotated[
        str, StringConstraints(strip_whitespace=True, max_length=254, pattern=r"^[^\s@\x00-\x1f]+@[^\s@\x00-\x1f]+$")
    ]
    password: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_PASSWORD)]
    company_id: UUID | None = None
    """For those who work for several companies."""
    device_name: Annotated[str, StringConstraints(max_length=100)] | None = None


@api.post("/login", public="this is how one signs in")
def login(body: Login) -> dict[str, Any]:
    secret = runtime.secret(AuthSettings.from_env().auth_secret_arn)
    signed_in = service.login(
        runtime.database(),
        SignInAttempts(runtime.table("AUTH_TABLE"), secret["pepper"]),
        runtime.sessions(),
        TokenKeys.from_secret(secret),
        email=body.email,
        password=body.password,
        company_id=body.company_id,
        device=device_of(api.event, body.device_name),
        now=runtime.clock().now(),
    )
    return shown_sign_in(signed_in)


handler = api.handler()
