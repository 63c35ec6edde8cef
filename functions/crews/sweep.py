"""Every minute: publishes what stayed in the outbox, recovers stuck tasks, messages and sends, and reports metrics.

An operator invokes it with `{"parked": {"action": …}}` to handle messages in quarantine (docs/runbooks/stuck-queue.md).
"""

from dataclasses import asdict
from typing import Any

from falachefe.app import runtime
from falachefe.aws import queue_upkeep
from falachefe.aws.emf import emit_gauge
from falachefe.crews.turns.sweep import Swept, sweep
from falachefe.kernel.observability.logs import logger


class SweepIncomplete(RuntimeError):
    """A step failed for a company or a message: the invocation fails, so that the alarm for errors is raised."""


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ARG001  # the signature is Lambda's
    database, clock = runtime.database(), runtime.clock()
    if event.get("parked"):
        return queue_upkeep.operate(database, event["parked"], clock.now())
    swept: Swept = sweep(database, runtime.publisher(), clock)
    swept.released = queue_upkeep.release(database, runtime.publisher(), clock.now(), swept.errors)
    now = clock.now()
    swept.put_aside = queue_upkeep.measure(database, lambda name, value: emit_gauge(name, now, value), now)
    logger().info("swept", **asdict(swept))
    if swept.errors:
        raise SweepIncomplete(f"{len(swept.errors)} steps failed")
    return asdict(swept)
