"""Signing keys and secrets for tests: one key that signs, and its predecessor, which still verifies."""

from typing import Any, Final

from falachefe.sessions.signing_keys import SigningKey, VerifyingKeys

PEPPER: Final = "p" * 64
SEED: Final = "2" * 64
SIGNING: Final = SigningKey.from_seed(SEED)
RETIRING: Final = SigningKey.from_seed("1" * 64)
PUBLISHED: Final = VerifyingKeys([RETIRING.public_jwk, SIGNING.public_jwk])
SECRETS: Final[dict[str, dict[str, Any]]] = {
    "PEPPER_SECRET_ARN": {"pepper": PEPPER},
    "SIGNING_KEY_SECRET_ARN": {"seed": SEED},
    "TOKEN_KEYS_SECRET_ARN": PUBLISHED.document(),
}
"""The contents of secrets, by the variable that names the secret."""


def name_of(variable: str) -> str:
    return variable.removesuffix("_SECRET_ARN").lower().replace("_", "-")
