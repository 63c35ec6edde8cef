"""Which Postgres errors are outages: the request is not at fault and may be tried again later."""

from typing import Final

from sqlalchemy.exc import DBAPIError, InterfaceError

from falachefe.kernel.errors import Unavailable

_NO_ANSWER: Final = "O banco de dados não respondeu. Tente de novo em instantes."
_BUSY: Final = "O banco de dados está ocupado. Tente de novo em instantes."
RETRY_AFTER_S: Final = 5
CONTENDED_RETRY_AFTER_S: Final = 1

# SQLSTATE classes: 08 connection exception, 53 insufficient resources, 57 operator intervention (also 57014, the
# statement timeout, and 57P01 to 57P05, sessions ended by a failover, a shutdown or idleness).
_OUTAGE_CLASSES: Final = frozenset({"08", "53", "57"})
_OUTAGES: Final = frozenset(
    {
        "25006",  # read-only transaction: after a failover this session is still on the old writer
        "25P03",  # the session was idle in a transaction for too long and was ended
        "25P04",  # transaction timeout
        "28P01",  # invalid password: the login was rotated a moment ago
        "28000",  # the same from RDS Proxy
    }
)
CONTENTION: Final = frozenset({"40001", "40P01", "55P03"})  # serialization failure, deadlock, lock timeout
_ENDED: Final = ("57P", "08", "25P03", "25P04", "25006")


def sqlstate(error: BaseException | None) -> str:
    """The SQLSTATE of the server's error; empty when there was no response."""
    fields = error.args[0] if error is not None and error.args else None
    return str(fields.get("C", "")) if isinstance(fields, dict) else ""


def ends_the_session(error: BaseException) -> bool:
    """Whether the connection that raised this cannot run any more statements."""
    return sqlstate(error).startswith(_ENDED)


def outage(error: DBAPIError) -> Unavailable | None:
    """The error to raise instead of `error`, or None when it is not an outage."""
    code = sqlstate(error.orig)
    if code in CONTENTION:
        return Unavailable(_BUSY, retry_after=CONTENDED_RETRY_AFTER_S)
    if code == "57014":
        return Unavailable(_BUSY, retry_after=RETRY_AFTER_S)
    gone = error.connection_invalidated or isinstance(error, InterfaceError)
    if gone or code[:2] in _OUTAGE_CLASSES or code in _OUTAGES:
        return no_answer()
    return None


def no_answer() -> Unavailable:
    return Unavailable(_NO_ANSWER, retry_after=RETRY_AFTER_S)
