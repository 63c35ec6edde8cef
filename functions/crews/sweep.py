"""Every minute: letters left behind, leases that ran out, sends stuck, messages without a turn."""

from dataclasses import asdict
from typing import Any

from falachefe import runtime
from falachefe.crews.sweep import Swept, sweep
from falachefe.observability import logger


class SweepIncomplete(RuntimeError):
    """Some company could not be put right: the invocation fails, so that the alarm sees it."""


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ARG001  # a schedule says nothing
    swept: Swept = sweep(runtime.database(), runtime.publisher(), runtime.clock())
    logger().info("swept", **asdict(swept))
    if swept.errors:
        raise SweepIncomplete(f"{len(swept.errors)} steps failed")
    return asdict(swept)
