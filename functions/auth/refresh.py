"""POST /v1/auth/refresh: exchanges a refresh token, which can be used once, for new tokens."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

from falachefe.accounts.responses import actor_of
from falachefe.accounts.schemas import Refreshed
from falachefe.app import auth_wiring, runtime
from falachefe.app.rest import rest_api
from falachefe.sessions import sign_in
from falachefe.sessions.responses import tokens_document

api = rest_api("auth")


class Refresh(BaseModel):
    model_config = ConfigDict(extra="forbid")

    refresh_token: Annotated[str, StringConstraints(min_length=1, max_length=256)]


@api.post(
    "/refresh",
    public="the refresh token is the credential",
    summary="Exchange a refresh token for new tokens",
    refuses={401: "The refresh token is unknown, used or expired", 403: "The company is suspended"},
)
def refresh(body: Refresh) -> Refreshed:
    tokens = sign_in.refresh(
        runtime.database(),
        runtime.sessions(),
        auth_wiring.signing_key(),
        token=body.refresh_token,
        by=actor_of(api),
        now=runtime.clock().now(),
    )
    return {"tokens": tokens_document(tokens)}


handler = api.handler()
