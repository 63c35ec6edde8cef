"""Webhooks that the stand-in posts after a delay, from background threads, as a provider does."""

import heapq
import itertools
import json
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from infra.local.front_door.outgoing import call
from infra.local.front_door.payloads import signature

_TIMEOUT_SECONDS = 30.0
_KEPT = 1_000


@dataclass(frozen=True)
class Delivery:
    """One webhook to post: `payload` already holds the token of its instance."""

    url: str
    payload: Mapping[str, Any]
    signing_secret: str | None = None


@dataclass(frozen=True)
class Outcome:
    """The result of a delivery; status 0 means that there was no response."""

    event: str
    status: int
    at: float


type Post = Callable[[Delivery], int]


def post_webhook(delivery: Delivery) -> int:
    """Posts one webhook, once (no retry is documented), and returns the status: 0 without a response."""
    body = json.dumps(delivery.payload, ensure_ascii=False).encode()
    headers = [("Content-Type", "application/json"), ("User-Agent", "uazapi-standin")]
    if delivery.signing_secret:
        headers.append(("x-uaz-signature", signature(delivery.signing_secret, body)))
    try:
        return call("POST", delivery.url, tuple(headers), body, _TIMEOUT_SECONDS).status
    except OSError:
        return 0


@dataclass(order=True)
class _Due:
    at: float
    order: int
    delivery: Delivery = field(compare=False)


class Deliveries:
    """Posts each delivery after its delay; one timer thread feeds a few posting threads."""

    def __init__(self, post: Post = post_webhook, threads: int = 8) -> None:
        self._post = post
        self._pool = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="webhook")
        self._due: list[_Due] = []
        self._order = itertools.count()
        self._changed = threading.Condition()
        self._outcomes: deque[Outcome] = deque(maxlen=_KEPT)
        self._closed = False
        threading.Thread(target=self._run, name="webhook-timer", daemon=True).start()

    def after(self, seconds: float, delivery: Delivery) -> None:
        """Posts the delivery that many seconds from now."""
        with self._changed:
            heapq.heappush(self._due, _Due(time.monotonic() + seconds, next(self._order), delivery))
            self._changed.notify()

    def outcomes(self) -> list[Outcome]:
        """The latest deliveries, oldest first."""
        return list(self._outcomes)

    def close(self) -> None:
        """Drops what is not due yet and ends the threads."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _run(self) -> None:
        while (delivery := self._next()) is not None:
            self._pool.submit(self._deliver, delivery)

    def _next(self) -> Delivery | None:
        with self._changed:
            while not self._closed:
                wait = self._due[0].at - time.monotonic() if self._due else None
                if wait is not None and wait <= 0:
                    return heapq.heappop(self._due).delivery
                self._changed.wait(wait)
            return None

    def _deliver(self, delivery: Delivery) -> None:
        status = self._post(delivery)
        self._outcomes.append(Outcome(str(delivery.payload.get("EventType", "")), status, time.time()))
