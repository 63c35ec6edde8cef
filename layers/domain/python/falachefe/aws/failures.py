"""Classifies errors in processing a message: an outage of a dependency, or a fault of the message itself."""

from typing import Any, Final

from falachefe.kernel.config import MissingSetting
from falachefe.kernel.errors import DomainError

_TOO_MANY: Final = 429
_OUR_SIDE: Final = 500
# Only these AWS error codes concern the request's content; all others (throttling, permissions, a missing table) would
# affect any other message too.
_ABOUT_CONTENT: Final = frozenset(
    {
        "ValidationException",
        "InvalidParameterValue",
        "InvalidMessageContents",
        "InvalidAttributeValue",
        "BatchRequestTooLong",
        "MessageRejected",
        "BadRequestException",
        "ItemCollectionSizeLimitExceededException",
    }
)
# SQLSTATE classes: 22 data exception, 23 integrity constraint violation.
_ABOUT_VALUES: Final = ("22", "23")
# SQLSTATE classes: 08 connection, 40 transaction rollback, 53 insufficient resources, 55 object not in prerequisite
# state (locks), 57 operator intervention, 58 system error.
_AWAY: Final = ("08", "40", "53", "55", "57", "58")
_TOOK_TOO_LONG: Final = "57014"
_OURS: Final = (OSError, MemoryError, ImportError, MissingSetting)


def is_outage(error: BaseException) -> bool:
    """Whether the same message should be tried again later, because the error is not its fault.

    True when a dependency is down, slow, throttled or refuses access, when transactions conflicted, and when the
    deployment is wrong (a missing variable, permission, module or column).
    """
    seen: BaseException | None = error
    while seen is not None:
        verdict = _verdict(seen)
        if verdict is not None:
            return verdict
        seen = seen.__cause__
    return False


def is_store_unavailable(error: BaseException) -> bool:
    """Whether Postgres or an AWS service became unavailable, or throttled the call.

    Narrower than `is_outage`: a statement that Postgres refuses, or cancels because of its duration, is the caller's
    fault.
    """
    seen: BaseException | None = error
    while seen is not None:
        package = type(seen).__module__.partition(".")[0]
        if package in ("botocore", "boto3", "s3transfer"):
            return _of_aws(seen)
        if package == "sqlalchemy":
            verdict = _of_database(seen)
            origin = getattr(seen, "orig", None)
            if verdict is not None:
                return verdict and (origin is None or _is_away(_state(origin)))
        elif package == "pg8000":
            return _is_away(_state(seen))
        seen = seen.__cause__
    return False


def _is_away(state: str) -> bool:
    return not state or (state[:2] in _AWAY and state != _TOOK_TOO_LONG)


def _verdict(error: BaseException) -> bool | None:
    """None when the error itself is inconclusive; then its cause is checked."""
    if isinstance(error, DomainError):
        return error.status >= _OUR_SIDE or error.status == _TOO_MANY
    if isinstance(error, _OURS):
        return True
    package = type(error).__module__.partition(".")[0]
    if package in ("botocore", "boto3", "s3transfer"):
        return _of_aws(error)
    if package == "sqlalchemy":
        return _of_database(error)
    if package == "pg8000":
        return _state(error)[:2] not in _ABOUT_VALUES
    # Secrets Manager: powertools wraps botocore's error.
    return True if type(error).__name__ == "GetParameterError" else None


def _of_aws(error: BaseException) -> bool:
    response: dict[str, Any] = getattr(error, "response", None) or {}
    # Some SQS codes have the namespace of its old protocol: `AWS.SimpleQueueService.BatchRequestTooLong`.
    code = str(response.get("Error", {}).get("Code", ""))
    return code.rpartition(".")[2] not in _ABOUT_CONTENT


def _of_database(error: BaseException) -> bool | None:
    from sqlalchemy.exc import DBAPIError, TimeoutError  # noqa: A004, PLC0415  # 120 ms, which workers without a database do without

    if isinstance(error, TimeoutError):
        return True
    if not isinstance(error, DBAPIError) or error.orig is None:
        return None
    return _state(error.orig)[:2] not in _ABOUT_VALUES


def _state(error: BaseException) -> str:
    """The SQLSTATE of a pg8000 error; empty when the server sent none (the connection broke)."""
    fields = error.args[0] if error.args else None
    return str(fields.get("C", "")) if isinstance(fields, dict) else ""
