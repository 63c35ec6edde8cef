"""What the WhatsApp functions read of their environment."""

from dataclasses import dataclass

from falachefe import runtime
from falachefe.kernel.config import Settings


@dataclass(frozen=True)
class AuthSettings(Settings):
    auth_secret_arn: str


def pepper() -> str:
    """The key of codes, from the auth secret (`{"pepper": …}`)."""
    return str(runtime.secret(AuthSettings.from_env().auth_secret_arn)["pepper"])
