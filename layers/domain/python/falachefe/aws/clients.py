"""botocore clients, created on first use. boto3 is not used, because it makes the cold start slower."""

import os
from functools import cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from botocore.session import Session

# A dependency that hangs must leave an API's function (10 s) time to answer 503: all attempts of one call end within
# 6 s, and two calls in a row to a silent service before the function's timeout (tests/security/test_time_budgets.py).
CONNECT_TIMEOUT_S: Final = 1.0
READ_TIMEOUT_S: Final = 1.5
ATTEMPTS: Final = 2
_PER_SERVICE: Final[dict[str, dict[str, Any]]] = {
    # Without these, links are signed with the old signature version and for the global endpoint. Completing a large
    # multipart upload takes long; an API's functions only sign links, which needs no call.
    "s3": {"signature_version": "s3v4", "s3": {"addressing_style": "virtual"}, "read_timeout": 30},
    # A mail that was accepted after the timeout would be sent again.
    "sesv2": {"read_timeout": 5},
}


def max_call_s(service: str) -> float:
    """Seconds that one call can take with all its attempts when the service hangs."""
    options = _defaults() | _PER_SERVICE.get(service, {})
    attempts = options["retries"]["total_max_attempts"]
    between = sum(2**retry for retry in range(attempts - 1))  # upper bound of botocore's random back-off
    return float(attempts * (options["connect_timeout"] + options["read_timeout"]) + between)


# One short attempt, for callers that can continue without the answer and must respond fast.
_QUICK: Final[dict[str, Any]] = {
    "connect_timeout": 1.0,
    "read_timeout": 1.0,
    "retries": {"total_max_attempts": 1, "mode": "standard"},
}

_made: list[Any] = []


@cache
def _session() -> "Session":
    from botocore.session import Session  # noqa: PLC0415  # 260 ms, paid by the first client

    return Session()


@cache
def client(service: str) -> Any:
    """A client for an AWS service in the environment's region; botocore honours `AWS_ENDPOINT_URL`."""
    return _make(service, _PER_SERVICE.get(service, {}))


@cache
def quick_client(service: str) -> Any:
    """A client with one short attempt: a call ends within two seconds."""
    return _make(service, _QUICK)


def _make(service: str, options: dict[str, Any]) -> Any:
    from botocore.config import Config  # noqa: PLC0415  # 120 ms, paid by the first client

    made: Any = _session().create_client(
        service,
        region_name=os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION"),
        config=Config(**(_defaults() | options)),
    )
    _made.append(made)
    return made


def close_clients() -> None:
    """Closes the clients' connections and drops clients and credentials; the next use creates new ones."""
    for made in _made:
        made.close()
    _made.clear()
    client.cache_clear()
    quick_client.cache_clear()
    _session.cache_clear()


def _defaults() -> dict[str, Any]:
    return {
        "connect_timeout": CONNECT_TIMEOUT_S,
        "read_timeout": READ_TIMEOUT_S,
        "retries": {"total_max_attempts": ATTEMPTS, "mode": "standard"},
        "max_pool_connections": 4,
        "tcp_keepalive": True,
        # botocore composes its own on every call, which costs processor time.
        "user_agent": "falachefe",
    }
