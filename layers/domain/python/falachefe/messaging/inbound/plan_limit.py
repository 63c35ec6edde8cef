"""A message beyond what the company's plan allows: kept, answered by no agent, and its sender told once a day."""

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from falachefe.db.outbox import Outbox
from falachefe.messaging import notices
from falachefe.messaging.conversations import service as conversations
from falachefe.messaging.conversations.service import ConversationState
from falachefe.messaging.models import Message
from falachefe.plans import limits as plan_limits

NOTICE: Final = "plan_limit"


def tell(session: Session, outbox: Outbox, state: ConversationState, *, time_zone: str, now: datetime) -> bool:
    """Tells the sender, once on each day of the company; False when they know. The conversation is locked."""
    zone = ZoneInfo(time_zone)
    told_at = session.scalar(
        select(Message.provider_at)
        .where(
            Message.company_id == state.company_id,
            Message.conversation_id == state.id,
            Message.direction == "out",
            Message.crew_metadata["notice"].astext == NOTICE,
        )
        .order_by(Message.id.desc())
        .limit(1)
    )
    if told_at is not None and told_at.astimezone(zone).date() == now.astimezone(zone).date():
        return False
    back = plan_limits.day_in_words(plan_limits.month_after(now, time_zone))
    text = notices.plan_spent(back) if state.user_id is not None else notices.NOBODY_HERE
    conversations.queue_message(session, outbox, state, text, now=now, crew_metadata={"notice": NOTICE})
    return True
