"""GET and PATCH /v1/auth/me: the caller's own account."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

from falachefe.accounts import service as accounts
from falachefe.accounts.passwords.fields import Password
from falachefe.accounts.responses import account_document, actor_of
from falachefe.accounts.schemas import OwnAccount
from falachefe.app import auth_wiring, runtime
from falachefe.app.rest import rest_api
from falachefe.http.fields import Email
from falachefe.sessions.authenticator import session_key

api = rest_api("auth")


class Change(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, StringConstraints(min_length=2, max_length=120)] | None = None
    email: Email | None = None
    current_password: Password | None = None
    """Needed to change the e-mail."""


@api.get("/me", permission="account.manage", summary="Get the caller's account")
def me() -> OwnAccount:
    principal = api.principal()
    with runtime.database().tenant(principal.company_id) as session:
        return account_document(accounts.account(session, principal.company_id, principal.user_id))


@api.patch(
    "/me",
    permission="account.manage",
    summary="Update the caller's name or e-mail",
    refuses={409: "Another account uses this e-mail", 429: "Too many wrong passwords"},
)
def change(body: Change) -> OwnAccount:
    changed = accounts.change(
        runtime.database(),
        runtime.publisher(),
        auth_wiring.attempts(),
        session_key(api.principal()),
        name=body.name,
        email=body.email,
        current_password=body.current_password,
        by=actor_of(api),
        now=runtime.clock().now(),
    )
    return account_document(changed)


handler = api.handler()
