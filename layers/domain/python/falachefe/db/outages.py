"""Which errors of Postgres are outages: nothing is wrong with the request, and trying again later is right."""

from typing import Final

from sqlalchemy.exc import DBAPIError, InterfaceError

from falachefe.kernel.errors import Unavailable

_NO_ANSWER: Final = "O banco de dados não respondeu. Tente de novo em instantes."
_BUSY: Final = "O banco de dados está ocupado. Tente de novo em instantes."
RETRY_AFTER_S: Final = 5
CONTENDED_RETRY_AFTER_S: Final = 1

# SQLSTATE classes: connection exceptions, out of resources, an operator's intervention (also 57014, the statement
# time-out; 57P01 to 57P05, sessions that a failover, a shutdown or their idleness ended).
_OUTAGE_CLASSES: Final = frozenset({"08", "53", "57"})
_OUTAGES: Final = frozenset(
    {
        "25006",  # read-only: after a failover this session is still on what was the writer
        "25P03",  # the session was idle in a transaction for too long, and the server ended it
        "25P04",  # the same for a transaction that took too long
        "28P01",  # the login changed a moment ago, and not everywhere yet
        "28000",  # as RDS Proxy says it
    }
)
CONTENTION: Final = frozenset({"40001", "40P01", "55P03"})  # serialization, deadlock, the lock time-out
_ENDED: Final = ("57P", "08", "25P03", "25P04", "25006")


def sqlstate(error: BaseException | None) -> str:
    """The code in the answer of the server; empty when there was no answer."""
    fields = error.args[0] if error is not None and error.args else None
    return str(fields.get("C", "")) if isinstance(fields, dict) else ""


def ends_the_session(error: BaseException) -> bool:
    """Whether no later statement may run on the connection that raised this."""
    return sqlstate(error).startswith(_ENDED)


def outage(error: DBAPIError) -> Unavailable | None:
    """What callers are told instead of `error`, or None when it is no outage."""
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
