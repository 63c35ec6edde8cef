"""Worker of staff-notes: notifies a company's admins of events. An event passed directly is handled at once."""

from typing import Any

from falachefe.app import runtime
from falachefe.app.workers import queue_worker
from falachefe.aws.worker import Delivery
from falachefe.crews.service import default_crew
from falachefe.kernel.observability.logs import logger
from falachefe.kernel.observability.tracing import TRACE_ID, traced
from falachefe.messaging.conversations.staff_notes import StaffNotes


def notify(event: dict[str, Any]) -> int:
    notes = StaffNotes(runtime.database(), runtime.publisher(), runtime.clock(), default_crew)
    with traced(event["detail"].get(TRACE_ID)):
        notified = notes(event["detail"])
        logger().info("staff was told", event_name=event.get("detail-type"), told=notified)
    return notified


def process(event: dict[str, Any], _: Delivery) -> None:
    notify(event)


worker = queue_worker("staff-notes", process)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return worker(event, context) if "Records" in event else {"told": notify(event)}
