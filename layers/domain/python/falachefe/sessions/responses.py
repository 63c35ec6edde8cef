"""Sessions and tokens as documents of the sign-in API, and the device of a request to it."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from falachefe.accounts.responses import user_document
from falachefe.sessions.store import Device, Session, device

if TYPE_CHECKING:  # keeps the schemas and their pydantic models out of functions that do not need them
    from falachefe.accounts import schemas
    from falachefe.sessions.sign_in import SignedIn, Tokens


def device_of(event: Any, name: str | None = None) -> Device:
    """The device of a request, from an API Gateway event."""
    return device(name, event.headers.get("user-agent"), event.request_context.identity.source_ip)


def tokens_document(tokens: "Tokens") -> "schemas.TokenPair":
    return {
        "access_token": tokens.access,
        "refresh_token": tokens.refresh,
        "token_type": "Bearer",
        "expires_in": tokens.expires_in,
    }


def session_document(session: Session, *, current: UUID | None) -> "schemas.OwnSession":
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


def sign_in_document(signed_in: "SignedIn") -> "schemas.SignIn":
    return {
        "user": user_document(signed_in.user),
        "tokens": tokens_document(signed_in.tokens),
        "session": session_document(signed_in.session, current=signed_in.session.key.session_id),
    }
