"""What the sign-in API shows of people, sessions and tokens, and what it learns of the device that asks."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from falachefe.kernel.actors import Actor
from falachefe.sessions.store import Device, Session, device

if TYPE_CHECKING:  # a function imports what it does, not all that could be shown
    from falachefe.accounts import schemas
    from falachefe.accounts.service import Account
    from falachefe.accounts.users import UserView
    from falachefe.http.api import Api
    from falachefe.sessions.sign_in import SignedIn, Tokens


def actor_of(api: "Api") -> Actor:
    """Who asks, as far as the request tells: from where and with what. Whose account it is, the deed knows."""
    asks = api.caller()
    return Actor(
        kind="user",
        id=None,
        address=asks.address,
        user_agent=asks.user_agent,
        request_id=asks.request_id,
        client_request_id=asks.client_request_id,
    )


def device_of(event: Any, name: str | None = None) -> Device:
    """The device behind a request of API Gateway."""
    return device(name, event.headers.get("user-agent"), event.request_context.identity.source_ip)


def shown_user(user: "UserView") -> "schemas.SignedInUser":
    return {
        "id": str(user.id),
        "company_id": str(user.company_id),
        "name": user.name,
        "email": user.email,
        "role": user.role,
    }


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


def shown_account(account: "Account") -> "schemas.OwnAccount":
    return {
        **shown_user(account.user),
        "company_name": account.company_name,
        "phone": account.phone,
        "email_verified": account.email_verified_at is not None,
        "last_login_at": account.last_login_at.isoformat() if account.last_login_at else None,
        "created_at": account.created_at.isoformat(),
    }
