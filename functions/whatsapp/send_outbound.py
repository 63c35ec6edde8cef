"""Worker of outbound.fifo: sends messages to the provider."""

from functools import cache
from typing import Any

from falachefe.app import runtime
from falachefe.app.workers import queue_worker
from falachefe.aws.emf import emit
from falachefe.aws.rate_limit import SlidingLimit
from falachefe.aws.worker import Delivery
from falachefe.messaging.outbound.send import Sender
from falachefe.messaging.providers.registry import provider
from falachefe.phone_sign_in.codes import Codes


@cache
def sender() -> Sender:
    return Sender(
        database=runtime.database(),
        publisher=runtime.publisher(),
        providers=provider,
        secret=runtime.secret,
        codes=lambda: Codes(runtime.pepper()),
        limits=SlidingLimit(runtime.table("LIMITS_TABLE")),
        clock=runtime.clock(),
        count=emit,
    )


def process(payload: dict[str, Any], delivery: Delivery) -> None:
    sender()(payload, seconds_left=delivery.seconds_left)


handler = queue_worker("outbound", process)
