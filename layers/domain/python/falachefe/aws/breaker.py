"""A service that did not answer is not asked for a while: each silent call costs its whole time-out."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from falachefe.aws.tables import Item, Table
from falachefe.kernel.clock import Clock

ASKED_AGAIN_AFTER: Final = timedelta(seconds=5)


class ServiceSilent(OSError):
    """The service did not answer a moment ago, so it was not asked."""


class Breaker:
    """Shared by all calls of a runtime to one service. A refusal is an answer: it comes at once and breaks nothing."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until: datetime | None = None

    def call[T](self, ask: Callable[[], T]) -> T:
        """Raises `ServiceSilent`, or whatever `ask` raises."""
        if self._until is not None and self._clock.now() < self._until:
            raise ServiceSilent
        try:
            answer = ask()
        except Exception as error:
            if _is_silence(error):
                self._until = self._clock.now() + ASKED_AGAIN_AFTER
            raise
        self._until = None
        return answer


class BreakerTable(Table):
    """A table of which the webhook reads one item, or counts in one, at a time."""

    def __init__(self, client: Any, name: str, breaker: Breaker) -> None:
        super().__init__(client, name)
        self._breaker = breaker

    def get(self, pk: str, sk: str, *, consistent: bool = True) -> Item | None:
        return self._breaker.call(lambda: Table.get(self, pk, sk, consistent=consistent))

    def _write(self, operation: str, request: dict[str, Any], *conditions: Any) -> dict[str, Any]:
        return self._breaker.call(lambda: Table._write(self, operation, request, *conditions))


def _is_silence(error: Exception) -> bool:
    """Whether the connection or the answer did not come; botocore's errors with a response are answers."""
    package = type(error).__module__.partition(".")[0]
    return isinstance(error, OSError) or (package == "botocore" and not hasattr(error, "response"))
