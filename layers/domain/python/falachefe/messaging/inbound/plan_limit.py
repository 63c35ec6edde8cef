"""Messages beyond the plan limit: stored, but not answered by the crew; their sender gets a notice once a day."""

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from falachefe.db.outbox import Outbox
from falachefe.messaging import notices
from falachefe.messaging.conversations.sent_notices import last_sent, send_notice
from falachefe.messaging.conversations.service import ConversationState
from falachefe.plans import limits as plan_limits

NOTICE: Final = "plan_limit"


def notify(session: Session, outbox: Outbox, state: ConversationState, *, time_zone: str, now: datetime) -> bool:
    """Sends the notice, once on each day in the company's time zone; False when it was sent already.

    The caller has locked the conversation.
    """
    zone = ZoneInfo(time_zone)
    told_at = last_sent(session, state, NOTICE)
    if told_at is not None and told_at.astimezone(zone).date() == now.astimezone(zone).date():
        return False
    back = plan_limits.day_in_words(plan_limits.month_after(now, time_zone))
    text = notices.plan_spent(back) if state.user_id is not None else notices.UNAVAILABLE
    send_notice(session, outbox, state, NOTICE, text, now=now)
    return True
