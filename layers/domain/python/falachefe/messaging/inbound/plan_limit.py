"""A message beyond what the company's plan allows: kept, answered by no agent, and its sender told once a day."""

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


def tell(session: Session, outbox: Outbox, state: ConversationState, *, time_zone: str, now: datetime) -> bool:
    """Tells the sender, once on each day of the company; False when they know. The conversation is locked."""
    zone = ZoneInfo(time_zone)
    told_at = last_sent(session, state, NOTICE)
    if told_at is not None and told_at.astimezone(zone).date() == now.astimezone(zone).date():
        return False
    back = plan_limits.day_in_words(plan_limits.month_after(now, time_zone))
    text = notices.plan_spent(back) if state.user_id is not None else notices.NOBODY_HERE
    send_notice(session, outbox, state, NOTICE, text, now=now)
    return True
