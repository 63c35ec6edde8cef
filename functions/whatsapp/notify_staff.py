"""staff-notes: events of the bus that a company's admins are told of. An event given directly is told at once."""

from typing import Any

from falachefe.app import runtime
from falachefe.app.workers import queue_worker
from falachefe.aws.worker import Delivery
from falachefe.crews.service import default_crew
from falachefe.kernel.observability.logs import logger
from falachefe.kernel.observability.tracing import TRACE_ID, traced
from falachefe.messaging.conversations.staff_notes import StaffNotes


def tell(event: dict[str, Any]) -> int:
    notes = StaffNotes(runtime.database(), runtime.publisher(), runtime.clock(), default_crew)
    with traced(event["detail"].get(TRACE_ID)):
        told = notes(event["detail"])
        logger().info("staff was told", event_name=event.get("detail-type"), told=told)
    return told


def process(event: dict[str, Any], _: Delivery) -> None:
    tell(event)


worker = queue_worker("staff-notes", process)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return worker(event, context) if "Records" in event else {"told": tell(event)}
