"""POST /v1/auth/login: a session for an e-mail and its password."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, StringConstraints

from falachefe import runtime
from falachefe.auth import doors, service
from falachefe.auth.bodies import Email, Password
from falachefe.auth.schemas import SignInOnDevice
from falachefe.auth.views import actor_of, device_of, shown_sign_in
from falachefe.http.api import Api

api = Api("auth")


class Login(BaseModel):
    model_config = ConfigDict(extra="forbid")

    email: Email
    password: Password
    company_id: UUID | None = None
    """For those who work for several companies."""
    device_token: Annotated[str, StringConstraints(max_length=128)] | None = None
    """What an earlier sign-in on this device answered: other people's failed tries do not lock such a device out."""
    device_name: Annotated[str, StringConstraints(max_length=100)] | None = None


@api.post(
    "/login",
    public="this is how one signs in",
    summary="Sign in by e-mail and password",
    refuses={
        401: "Unknown e-mail or wrong password",
        403: "The company is suspended",
        429: "Too many tries from this address, or for this account",
    },
)
def login(body: Login) -> SignInOnDevice:
    doors.limit_logins(api)
    now = runtime.clock().now()
    device = doors.devices().known(body.email, body.device_token, now)
    signed_in = service.login(
        runtime.database(),
        doors.attempts(),
        runtime.sessions(),
        doors.signing_key(),
        email=body.email,
        password=body.password,
        place=device or doors.network(api),
        known_device=device is not None,
        company_id=body.company_id,
        device=device_of(api.event, body.device_name),
        by=actor_of(api),
        now=now,
    )
    given = body.device_token if device else doors.devices().token(body.email, now)
    return {**shown_sign_in(signed_in), "device_token": given or ""}


handler = api.handler()
