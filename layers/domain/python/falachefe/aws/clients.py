"""botocore clients, made on first use. boto3's resources are not used: they cost 50 ms more at a cold start."""

import os
from functools import cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from botocore.session import Session

# A dependency that hangs must leave an API's function (10 s) the time to answer 503: all tries of one call end within
# 6 s, and two silent calls one after the other before the function does (tests/security/test_time_budgets.py).
CONNECT_TIMEOUT_S: Final = 1.0
READ_TIMEOUT_S: Final = 1.5
ATTEMPTS: Final = 2
_OF_ITS_OWN: Final[dict[str, dict[str, Any]]] = {
    # Links to objects are signed the old way, and for the global address, unless one says otherwise; and joining the
    # parts of a large object takes its time. An API's functions only sign links, which calls nobody.
    "s3": {"signature_version": "s3v4", "s3": {"addressing_style": "virtual"}, "read_timeout": 30},
    # A mail that was taken while nobody listened any more would be sent again.
    "sesv2": {"read_timeout": 5},
}


def longest_call_s(service: str) -> float:
    """How long one call can take with all its tries, when the service hangs."""
    options = _usual() | _OF_ITS_OWN.get(service, {})
    attempts = options["retries"]["total_max_attempts"]
    between = sum(2**retry for retry in range(attempts - 1))  # botocore waits a random part of that
    return float(attempts * (options["connect_timeout"] + options["read_timeout"]) + between)


# Where there is a way to go on without the answer, and somebody waits for ours who does not come again: one try.
_QUICK: Final[dict[str, Any]] = {
    "connect_timeout": 1.0,
    "read_timeout": 1.0,
    "retries": {"total_max_attempts": 1, "mode": "standard"},
}

_made: list[Any] = []


@cache
def _session() -> "Session":
    from botocore.session import Session

    return Session()


@cache
def client(service: str) -> Any:
    """A client of an AWS service in the region of the environment; `AWS_ENDPOINT_URL` is honoured by botocore."""
    return _make(service, _OF_ITS_OWN.get(service, {}))


@cache
def quick_client(service: str) -> Any:
    """The same with one short try: a call ends within two seconds."""
    return _make(service, _QUICK)


def _make(service: str, options: dict[str, Any]) -> Any:
    from botocore.config import Config

    made: Any = _session().create_client(
        service,
        region_name=os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION"),
        config=Config(**(_usual() | options)),
    )
    _made.append(made)
    return made


def close_clients() -> None:
    """Ends the clients' connections and forgets clients and credentials; the next use makes new ones."""
    for made in _made:
        made.close()
    _made.clear()
    client.cache_clear()
    quick_client.cache_clear()
    _session.cache_clear()


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
