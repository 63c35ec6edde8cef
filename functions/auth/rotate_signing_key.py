"""Invoked by hand (docs/runbooks/rotate-signing-keys.md): replaces the key that signs access tokens."""

from typing import Any

from falachefe.app import auth_wiring, runtime
from falachefe.kernel.observability.logs import logger


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """With `{"revoke": true}` all other keys are removed at once. Raises `TypeError` when it is no boolean."""
    revoke = (event or {}).get("revoke", False)
    if not isinstance(revoke, bool):
        raise TypeError("revoke is true or false")
    done = auth_wiring.token_keys().rotate(runtime.clock().now(), revoke=revoke)
    logger().info("the signing key was rotated", extra={"kid": done["kid"], "revoke": revoke})
    return done
