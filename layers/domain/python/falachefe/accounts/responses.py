"""What the sign-in API shows of people, and what it learns of who asks."""

from typing import TYPE_CHECKING

from falachefe.kernel.actors import Actor

if TYPE_CHECKING:  # a function imports what it does, not all that could be shown
    from falachefe.accounts import schemas
    from falachefe.accounts.service import Account
    from falachefe.accounts.users import UserView
    from falachefe.http.api import Api


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


def shown_user(user: "UserView") -> "schemas.SignedInUser":
    return {
        "id": str(user.id),
        "company_id": str(user.company_id),
        "name": user.name,
        "email": user.email,
        "role": user.role,
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
