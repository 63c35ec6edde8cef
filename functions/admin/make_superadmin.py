"""Invoked by hand (docs/deploying.md): makes the user with this e-mail a superadmin."""

from typing import Any

from falachefe.administration.superadmins import make_superadmin
from falachefe.app import runtime
from falachefe.kernel.observability.logs import logger


def handler(event: dict[str, Any], _context: object) -> dict[str, str]:
    """`event` is `{"email": …}`; the account must be registered and its e-mail confirmed."""
    email = event.get("email")
    if not isinstance(email, str):
        raise TypeError("email is missing")
    user_id = make_superadmin(runtime.database(), email.strip(), now=runtime.clock().now())
    logger().info("a superadmin was made", extra={"user_id": str(user_id)})
    return {"user_id": str(user_id)}
