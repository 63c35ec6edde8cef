"""Whose failure it is when a message could not be processed: the message's own, or that of what we stand on."""

from typing import Any, Final

from falachefe.kernel.config import MissingSetting
from falachefe.kernel.errors import DomainError

_TOO_MANY: Final = 429
_OUR_SIDE: Final = 500
# Of AWS's answers only these are about what was sent; all others (throttling, permissions, a table that is gone) would
# meet the next message as well.
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
# Classes of SQLSTATE: 22 a value that does not fit, 23 a row that contradicts others.
_ABOUT_VALUES: Final = ("22", "23")
# 08 the connection, 40 two transactions met, 53 no room, 55 a lock, 57 shutting down or starting, 58 the machine.
_AWAY: Final = ("08", "40", "53", "55", "57", "58")
_TOOK_TOO_LONG: Final = "57014"
_OURS: Final = (OSError, MemoryError, ImportError, MissingSetting)


def is_outage(error: BaseException) -> bool:
    """Whether trying the same message again, later, is right and says nothing about the message.

    That is so when a dependency is down, slow, throttled or refuses us, when two transactions met, and when the
    deployment itself is wrong (a missing variable, permission, module or column).
    """
    seen: BaseException | None = error
    while seen is not None:
        verdict = _verdict(seen)
        if verdict is not None:
            return verdict
        seen = seen.__cause__
    return False


def is_store_away(error: BaseException) -> bool:
    """Whether Postgres or a service of AWS went away, or put us off, in the middle of what failed.

    Narrower than `is_outage`: a statement that Postgres refuses for what it says, or ends for how long it takes, is the
    doing of whoever sent it.
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
    """None when the error itself does not tell; then its cause may."""
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
    # Parameters from Secrets Manager: powertools wraps what botocore raised.
    return True if type(error).__name__ == "GetParameterError" else None


def _of_aws(error: BaseException) -> bool:
    response: dict[str, Any] = getattr(error, "response", None) or {}
    # Some of SQS's come as in its old protocol, with a name space: `AWS.SimpleQueueService.BatchRequestTooLong`.
    code = str(response.get("Error", {}).get("Code", ""))
    return code.rpartition(".")[2] not in _ABOUT_CONTENT


def _of_database(error: BaseException) -> bool | None:
    from sqlalchemy.exc import DBAPIError, TimeoutError  # noqa: A004  # the pool's

    if isinstance(error, TimeoutError):
        return True
    if not isinstance(error, DBAPIError) or error.orig is None:
        return None
    return _state(error.orig)[:2] not in _ABOUT_VALUES


def _state(error: BaseException) -> str:
    """The SQLSTATE of a pg8000 error; empty when the server did not say one (the connection broke)."""
    told = error.args[0] if error.args else None
    return str(told.get("C", "")) if isinstance(told, dict) else ""
