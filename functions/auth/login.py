"""POST /v1/auth/login: opens a session by e-mail and password."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, StringConstraints

from falachefe.accounts.passwords.fields import Password
from falachefe.accounts.responses import actor_of
from falachefe.accounts.schemas import SignInOnDevice
from falachefe.app import auth_wiring, runtime
from falachefe.app.rest import rest_api
from falachefe.http.fields import Email
from falachefe.sessions import sign_in
from falachefe.sessions.responses import device_of, sign_in_document

api = rest_api("auth")


class Login(BaseModel):
    model_config = ConfigDict(extra="forbid")

    email: Email
    password: Password
    company_id: UUID | None = None
    """For users of several companies."""
    device_token: Annotated[str, StringConstraints(max_length=128)] | None = None
    """From the response to an earlier sign-in on this device: failed attempts elsewhere do not lock it out."""
    device_name: Annotated[str, StringConstraints(max_length=100)] | None = None


@api.post(
    "/login",
    public="it is part of signing in",
    summary="Sign in with e-mail and password",
    refuses={
        401: "Unknown e-mail or wrong password",
        403: "The company is suspended",
        429: "Too many attempts from this IP address, or for this account",
    },
)
def login(body: Login) -> SignInOnDevice:
    auth_wiring.limit_logins(api)
    now = runtime.clock().now()
    device = auth_wiring.devices().known(body.email, body.device_token, now)
    signed_in = sign_in.login(
        runtime.database(),
        auth_wiring.attempts(),
        runtime.sessions(),
        auth_wiring.signing_key(),
        email=body.email,
        password=body.password,
        origin=device or auth_wiring.network(api),
        known_device=device is not None,
        company_id=body.company_id,
        device=device_of(api.event, body.device_name),
        by=actor_of(api),
        now=now,
    )
    given = body.device_token if device else auth_wiring.devices().token(body.email, now)
    return {**sign_in_document(signed_in), "device_token": given or ""}


handler = api.handler()
