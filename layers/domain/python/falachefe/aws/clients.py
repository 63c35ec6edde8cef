"""botocore clients, made on first use. boto3's resources are not used: they cost 50 ms more at a cold start."""

import os
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from botocore.session import Session

# One slow dependency must not eat a function's whole time: fail soon, and let the queue or the provider retry.
CONNECT_TIMEOUT_S = 2
READ_TIMEOUT_S = 5
ATTEMPTS = 3
_OF_ITS_OWN: dict[str, dict[str, Any]] = {
    # Links to objects are signed the old way, and for the global address, unless one says otherwise; and joining the
    # parts of a large object takes its time.
    "s3": {"signature_version": "s3v4", "s3": {"addressing_style": "virtual"}, "read_timeout": 30}
}


@cache
def _session() -> "Session":
    from botocore.session import Session

    return Session()


@cache
def client(service: str) -> Any:
    """A client of an AWS service in the region of the environment; `AWS_ENDPOINT_URL` is honoured by botocore."""
    from botocore.config import Config

    return _session().create_client(
        service,
        region_name=os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION"),
        config=Config(**(_usual() | _OF_ITS_OWN.get(service, {}))),
    )


def _usual() -> dict[str, Any]:
    return {
        "connect_timeout": CONNECT_TIMEOUT_S,
        "read_timeout": READ_TIMEOUT_S,
        "retries": {"total_max_attempts": ATTEMPTS, "mode": "standard"},
        "max_pool_connections": 4,
        "tcp_keepalive": True,
        # botocore composes its own twice a call, which takes a fifth of the call's processor time.
        "user_agent": "falachefe",
    }
