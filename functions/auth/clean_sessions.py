"""Every 6 hours: deletes expired sessions and codes."""

from typing import Any

from falachefe.app import runtime
from falachefe.aws.emf import emit
from falachefe.kernel.observability.logs import logger
from falachefe.phone_sign_in.expired_items import clean

SPARE_MS = 15_000


def handler(_event: dict[str, Any], context: Any) -> dict[str, Any]:
    now = runtime.clock().now()
    cleaned = clean(
        runtime.table("AUTH_TABLE"), now, has_time=lambda: context.get_remaining_time_in_millis() > SPARE_MS
    )
    emit("whatsapp_sessions_expired_total", now, cleaned.sessions)
    logger().info("cleaned", items=cleaned.items, sessions=cleaned.sessions, complete=cleaned.complete)
    return {"items": cleaned.items, "sessions": cleaned.sessions, "complete": cleaned.complete}
