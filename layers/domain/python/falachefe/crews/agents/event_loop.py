"""Runs coroutines of the model clients from synchronous code."""

import asyncio
import threading
from collections.abc import Coroutine
from functools import cache
from typing import Any


class _Loop(threading.local):
    """One event loop for each thread: the providers' connections belong to a loop and are reused with it."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()

    def run_coroutine[T](self, work: Coroutine[Any, Any, T]) -> T:
        return self._loop.run_until_complete(work)

    def __del__(self) -> None:
        self._loop.close()


@cache
def _loop() -> _Loop:
    return _Loop()


def run_coroutine[T](work: Coroutine[Any, Any, T]) -> T:
    """Runs `work` to completion on this thread's loop. Must not be called from a coroutine."""
    return _loop().run_coroutine(work)
