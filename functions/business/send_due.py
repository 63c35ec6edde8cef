"""Every minute: sends the reminders and the campaigns that are due."""

from dataclasses import asdict
from typing import Any

from falachefe.app import runtime
from falachefe.companies.due_rows import TIME_BUDGET
from falachefe.crews.service import default_crew
from falachefe.kernel.observability.logs import logger
from falachefe.marketing.worker import SendCampaigns
from falachefe.messaging.conversations.broadcasts import Broadcasts
from falachefe.messaging.conversations.staff_messages import StaffMessages
from falachefe.messaging.providers.registry import provider
from falachefe.reminders.sending import SendReminders


class SomethingNotSent(RuntimeError):
    """Some could not be sent: the invocation fails, so that an alarm is raised; the next run tries again."""


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ARG001  # the signature is Lambda's
    clock = runtime.clock()
    work = (runtime.database(), runtime.publisher(), clock)
    # One budget for both: with one each, the function would end in the middle of the second.
    deadline = clock.now() + TIME_BUDGET
    reminders = SendReminders(*work, StaffMessages(default_crew, provider))(deadline)
    campaigns = SendCampaigns(*work, Broadcasts(default_crew, provider))(deadline)
    done = {"reminders": asdict(reminders), "campaigns": asdict(campaigns)}
    logger().info("sent what was due", reminders=done["reminders"], campaigns=done["campaigns"])
    if reminders.errors or campaigns.errors:
        raise SomethingNotSent(f"{len(reminders.errors) + len(campaigns.errors)} failed")
    return done
