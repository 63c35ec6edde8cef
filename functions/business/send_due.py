"""Every minute: sends the reminders that are due."""

from dataclasses import asdict
from typing import Any

from falachefe.app import runtime
from falachefe.crews.service import default_crew
from falachefe.kernel.observability.logs import logger
from falachefe.messaging.conversations.staff_messages import StaffMessages
from falachefe.messaging.providers.registry import provider
from falachefe.reminders.sending import SendReminders


class RemindersNotSent(RuntimeError):
    """Some could not be sent: the invocation fails, so that an alarm is raised; the next run tries again."""


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ARG001  # the signature is Lambda's
    messages = StaffMessages(default_crew, provider)
    sent = SendReminders(runtime.database(), runtime.publisher(), runtime.clock(), messages)()
    logger().info("reminders sent", **asdict(sent))
    if sent.errors:
        raise RemindersNotSent(f"{len(sent.errors)} reminders failed")
    return asdict(sent)
