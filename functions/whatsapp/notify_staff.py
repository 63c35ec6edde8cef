"""Events crews.task_failed and crews.human_requested: a note to the company's admins."""

from typing import Any

from falachefe import runtime
from falachefe.kernel.tracing import TRACE_ID, traced
from falachefe.observability import logger
from falachefe.whatsapp.staff_notes import StaffNotes


def handler(event: dict[str, Any], _context: Any) -> dict[str, int]:
    notes = StaffNotes(runtime.database(), runtime.publisher(), runtime.clock())
    with traced(event["detail"].get(TRACE_ID)):
        told = notes(event["detail"])
        logger().info("staff was told", event_name=event.get("detail-type"), told=told)
    return {"told": told}
