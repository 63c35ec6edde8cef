"""Invoked by hand (docs/runbooks/rotate-signing-keys.md): another key signs access tokens from now on."""

from typing import Any

from falachefe.app import auth_wiring, runtime
from falachefe.kernel.observability.logs import logger


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """`{"revoke": true}` takes every other key away at once; anything else of that name is a mistake."""
    revoke = (event or {}).get("revoke", False)
    if not isinstance(revoke, bool):
        raise TypeError("revoke is true or false")
    done = auth_wiring.token_keys().rotate(runtime.clock().now(), revoke=revoke)
    logger().info("the signing key was rotated", extra={"kid": done["kid"], "revoke": revoke})
    return done
