"""Users and accounts as documents of the sign-in API, and the actor of a request to it."""

from typing import TYPE_CHECKING

from falachefe.kernel.actors import Actor

if TYPE_CHECKING:  # keeps the schemas and their pydantic models out of functions that do not need them
    from falachefe.accounts import schemas
    from falachefe.accounts.service import Account
    from falachefe.accounts.users import UserView
    from falachefe.http.api import Api


def actor_of(api: "Api") -> Actor:
    """The actor without an id: whose account it is, only the action knows."""
    caller = api.caller()
    return Actor(
        kind="user",
        id=None,
        address=caller.address,
        user_agent=caller.user_agent,
        request_id=caller.request_id,
        client_request_id=caller.client_request_id,
    )


def user_document(user: "UserView") -> "schemas.SignedInUser":
    return {
        "id": str(user.id),
        "company_id": str(user.company_id),
        "name": user.name,
        "email": user.email,
        "role": user.role,
    }


def account_document(account: "Account") -> "schemas.OwnAccount":
    return {
        **user_document(account.user),
        "company_name": account.company_name,
        "phone": account.phone,
        "email_verified": account.email_verified_at is not None,
        "last_login_at": account.last_login_at.isoformat() if account.last_login_at else None,
        "created_at": account.created_at.isoformat(),
    }
