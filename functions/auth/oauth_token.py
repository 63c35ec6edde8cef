"""POST /v1/auth/oauth/token: exchanges the code that the app received for a session."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from falachefe.accounts.responses import actor_of
from falachefe.accounts.schemas import SignIn
from falachefe.app import auth_wiring, oauth_wiring, runtime
from falachefe.app.rest import rest_api
from falachefe.oauth import callback as oauth_callback
from falachefe.sessions import sign_in
from falachefe.sessions.responses import device_of, sign_in_document

api = rest_api("auth")


class Exchange(BaseModel):
    model_config = ConfigDict(extra="forbid")

    code: Annotated[str, StringConstraints(min_length=1, max_length=128)]
    code_verifier: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._~-]{43,128}$")] | None = None
    """Required if the sign-in was started with a `code_challenge`."""
    device_name: Annotated[str, StringConstraints(max_length=100), Field(examples=["Celular da Ana"])] | None = None


@api.post(
    "/oauth/token",
    public="the code is the credential",
    summary="Exchange the code of a sign-in with Google or GitHub",
    refuses={401: "The code is invalid or expired", 429: "Too many attempts from this IP address"},
)
def exchange(body: Exchange) -> SignIn:
    auth_wiring.limit_oauth(api, "token")
    now = runtime.clock().now()
    grant = oauth_callback.redeem(oauth_wiring.flows(), body.code, body.code_verifier, now)
    signed_in = sign_in.sign_in_member(
        runtime.database(),
        runtime.sessions(),
        auth_wiring.signing_key(),
        company_id=grant.company_id,
        user_id=grant.user_id,
        device=device_of(api.event, body.device_name),
        method=grant.method,
        by=actor_of(api),
        now=now,
    )
    return sign_in_document(signed_in)


handler = api.handler()
