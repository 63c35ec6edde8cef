"""The composition root of the functions that work on queues."""

from collections.abc import Callable
from typing import Any

from falachefe.app import runtime
from falachefe.aws.clients import client
from falachefe.aws.worker import Delivery, Worker
from falachefe.db.quarantine import Quarantine


def queue_worker(
    queue: str,
    process: Callable[[dict[str, Any], Delivery], None],
    *,
    give_up: Callable[[dict[str, Any], str], None] | None = None,
) -> Worker:
    """The Lambda entry of a queue of `aws.queue_policies`."""
    return Worker(
        queue,
        process,
        sqs=lambda: client("sqs"),
        queue_url=lambda: runtime.queue_url(queue),
        quarantine=lambda: Quarantine(runtime.database(), runtime.clock()),
        give_up=give_up,
    )
