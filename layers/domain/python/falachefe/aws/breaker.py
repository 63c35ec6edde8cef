"""Circuit breaker: after a call without a response, a service is not called for a while, to save the timeouts."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from falachefe.aws.tables import Item, Table
from falachefe.kernel.clock import Clock

OPEN_FOR: Final = timedelta(seconds=5)


class CircuitOpen(OSError):
    """The circuit is open: the service did not answer recently and was not called."""


class Breaker:
    """Shared by all calls of a runtime to one service. An error response is an answer and does not open the circuit."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until: datetime | None = None

    def call[T](self, ask: Callable[[], T]) -> T:
        """The result of `ask`. Raises `CircuitOpen`, or what `ask` raises."""
        if self._until is not None and self._clock.now() < self._until:
            raise CircuitOpen
        try:
            answer = ask()
        except Exception as error:
            if _is_no_answer(error):
                self._until = self._clock.now() + OPEN_FOR
            raise
        self._until = None
        return answer


class BreakerTable(Table):
    """A table behind a circuit breaker, for reads and writes of single items."""

    def __init__(self, client: Any, name: str, breaker: Breaker) -> None:
        super().__init__(client, name)
        self._breaker = breaker

    def get(self, pk: str, sk: str, *, consistent: bool = True) -> Item | None:
        return self._breaker.call(lambda: Table.get(self, pk, sk, consistent=consistent))

    def _write(self, operation: str, request: dict[str, Any], *conditions: Any) -> dict[str, Any]:
        return self._breaker.call(lambda: Table._write(self, operation, request, *conditions))


def _is_no_answer(error: Exception) -> bool:
    """Whether there was no connection or no response; botocore's errors with a response are answers."""
    package = type(error).__module__.partition(".")[0]
    return isinstance(error, OSError) or (package == "botocore" and not hasattr(error, "response"))
