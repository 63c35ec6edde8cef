"""The event loop that models are asked on, from code that is not asynchronous."""

import asyncio
import threading
from collections.abc import Coroutine
from functools import cache
from typing import Any


class _Loop(threading.local):
    """One event loop a thread: the providers' connections belong to a loop, and making one is dear."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()

    def wait[T](self, work: Coroutine[Any, Any, T]) -> T:
        return self._loop.run_until_complete(work)

    def __del__(self) -> None:
        self._loop.close()


@cache
def _loop() -> _Loop:
    return _Loop()


def wait[T](work: Coroutine[Any, Any, T]) -> T:
    """Runs `work` to its end on this thread's loop. Not to be called from a coroutine."""
    return _loop().wait(work)
