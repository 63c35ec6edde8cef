"""POST /v1/auth/verify-email: confirms an e-mail by the token of a mailed link."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict

from falachefe.accounts import service as accounts
from falachefe.accounts.responses import actor_of
from falachefe.accounts.schemas import EmailVerified
from falachefe.api_keys.revocation import revoke_keys_of
from falachefe.app import auth_wiring, runtime
from falachefe.app.rest import rest_api
from falachefe.http.fields import MailedToken
from falachefe.kernel.errors import Forbidden, Unauthenticated
from falachefe.sessions.authenticator import principal_of

api = rest_api("auth")


class VerifyEmail(BaseModel):
    model_config = ConfigDict(extra="forbid")

    token: MailedToken


NOT_SIGNED_IN = "E-mail confirmado. Enviamos um link para você criar sua senha."


@api.post(
    "/verify-email",
    public="the token from the e-mail is the credential",
    summary="Confirm an e-mail with the token from it",
    refuses={429: "Too many attempts from this IP address"},
)
def verify_email(body: VerifyEmail) -> EmailVerified:
    """With an access token of the account, nothing else changes. Without one, somebody else may have registered the
    e-mail: the password and all sessions end, and the owner of the e-mail is sent a link to a new password."""
    auth_wiring.limit_links(api)
    kept = accounts.verify_email(
        runtime.database(),
        runtime.publisher(),
        runtime.sessions(),
        auth_wiring.mail_tokens(),
        token=body.token,
        signed_in=_signed_in(),
        revoke_keys=revoke_keys_of,
        by=actor_of(api),
        now=runtime.clock().now(),
    )
    return {"status": "verified", "message": "E-mail confirmado." if kept else NOT_SIGNED_IN}


def _signed_in() -> UUID | None:
    """The user of the request's session; None without one and when it has ended."""
    try:
        return principal_of(api.caller(), runtime, own_company_only=True).user_id
    except (Unauthenticated, Forbidden):
        return None


handler = api.handler()
