"""What the sign-in API shows of sessions and tokens, and what it learns of the device that asks."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from falachefe.accounts.responses import shown_user
from falachefe.sessions.store import Device, Session, device

if TYPE_CHECKING:  # a function imports what it does, not all that could be shown
    from falachefe.accounts import schemas
    from falachefe.sessions.sign_in import SignedIn, Tokens


def device_of(event: Any, name: str | None = None) -> Device:
    """The device behind a request of API Gateway."""
    return device(name, event.headers.get("user-agent"), event.request_context.identity.source_ip)


def shown_tokens(tokens: "Tokens") -> "schemas.TokenPair":
    return {
        "access_token": tokens.access,
        "refresh_token": tokens.refresh,
        "token_type": "Bearer",
        "expires_in": tokens.expires_in,
    }


def shown_session(session: Session, *, current: UUID | None) -> "schemas.OwnSession":
    return {
        "id": str(session.key.session_id),
        "device_name": session.device.name,
        "user_agent": session.device.user_agent,
        "address": session.device.address,
        "created_at": session.created_at.isoformat(),
        "last_used_at": session.used_at.isoformat(),
        "expires_at": session.expires_at.isoformat(),
        "current": session.key.session_id == current,
    }


def shown_sign_in(signed_in: "SignedIn") -> "schemas.SignIn":
    return {
        "user": shown_user(signed_in.user),
        "tokens": shown_tokens(signed_in.tokens),
        "session": shown_session(signed_in.session, current=signed_in.session.key.session_id),
    }
