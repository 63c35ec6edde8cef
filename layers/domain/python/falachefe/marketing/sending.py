"""Ordering and cancelling the sending of a campaign, in the caller's transaction; `worker.py` sends."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from falachefe.db.outbox import Outbox
from falachefe.db.row_versions import changed_meanwhile, write_version
from falachefe.kernel.errors import Conflict, NotFound
from falachefe.kernel.events import DomainEvent, Json
from falachefe.marketing import rules
from falachefe.marketing.models import Campaign, CampaignRecipient
from falachefe.messaging.conversations import broadcasts
from falachefe.messaging.conversations.audience import audience_size


@dataclass(frozen=True, slots=True)
class SendingView:
    """A campaign's sending. `audience` is how many people it goes to, as far as is known now."""

    id: UUID
    name: str
    segment: str
    status: str
    scheduled_for: datetime | None
    audience: int
    version: int


@dataclass(frozen=True, slots=True)
class Cancelled:
    """`reached` people had got it or are getting it; `spared` will not."""

    campaign: SendingView
    before: str
    """The status that it had."""
    scheduled_before: datetime | None
    reached: int
    spared: int


_SHOWN: Final = tuple(getattr(Campaign, name) for name in SendingView.__slots__)


def order_sending(
    session: Session,
    company_id: UUID,
    campaign_id: UUID,
    *,
    at: datetime | None,
    most_people: int | None,
    now: datetime,
    outbox: Outbox | None = None,
) -> SendingView:
    """Has a draft sent at `at`, or within a minute; one that is scheduled gets the new time.

    Of two orders at once the second waits, and then changes the time or learns that the sending has begun. Raises
    `Conflict` (`campaign_not_draft`, `no_recipients`, `no_channel`), `Forbidden` (`audience_too_large`).
    """
    campaign = _locked(session, company_id, campaign_id)
    rules.refuse_to_send(campaign.status)
    start = rules.sending_time(at, now)
    if not broadcasts.can_send(session, company_id):
        message = "A empresa ainda não tem um número de WhatsApp ligado, então não há por onde enviar."
        raise Conflict(message, code="no_channel")
    people = audience_size(session, company_id, campaign.segment, now)
    if people == 0 and at is None:
        label = rules.SEGMENT_LABELS[campaign.segment]
        raise Conflict(f"Não há ninguém para receber: o público é {label}.", code="no_recipients")
    rules.refuse_too_many(people, most_people)
    values = {"status": "scheduled", "scheduled_for": start, "audience": people, "most_people": most_people}
    return _written(session, company_id, campaign, values, event="marketing.campaign_scheduled", now=now, outbox=outbox)


def take_order_back(
    session: Session,
    company_id: UUID,
    campaign_id: UUID,
    *,
    version: int,
    before: datetime | None,
    now: datetime,
    outbox: Outbox | None = None,
) -> SendingView:
    """A draft again, or scheduled for `before`, if that is still ahead.

    Raises `Conflict` once the sending has begun or anything else has changed.
    """
    campaign = _locked(session, company_id, campaign_id)
    if campaign.status in ("sending", "sent"):
        message = "A campanha já começou a sair. Para parar o que falta, escreva *cancela a campanha*."
        raise Conflict(message, code="changed_meanwhile")
    if campaign.version != version or campaign.status != "scheduled":
        raise changed_meanwhile()
    earlier = before is not None and before > now
    values = {"status": "scheduled" if earlier else "draft", "scheduled_for": before if earlier else None}
    return _written(session, company_id, campaign, values, event="marketing.campaign_updated", now=now, outbox=outbox)


def cancel_campaign(
    session: Session, company_id: UUID, campaign_id: UUID, *, now: datetime, outbox: Outbox | None = None
) -> Cancelled:
    """Cancels a campaign; of one that is being sent, what no worker has begun to send. Raises `Conflict`."""
    campaign = _locked(session, company_id, campaign_id)
    rules.refuse_to_cancel(campaign.status)
    spared = _stop(session, company_id, campaign_id, now) if campaign.status == "sending" else campaign.audience
    reached = _count(session, company_id, campaign_id, "written")
    event = "marketing.campaign_cancelled"
    values = {"status": "cancelled"}
    written = _written(session, company_id, campaign, values, event=event, now=now, outbox=outbox)
    return Cancelled(written, campaign.status, campaign.scheduled_for, reached, spared)


def reopen(
    session: Session,
    company_id: UUID,
    campaign_id: UUID,
    *,
    version: int,
    status: str,
    scheduled_for: datetime | None,
    now: datetime,
    outbox: Outbox | None = None,
) -> SendingView:
    """Takes a cancellation back: a draft, or scheduled again. Raises `Conflict` if its time has passed meanwhile."""
    campaign = _locked(session, company_id, campaign_id)
    if campaign.version != version or campaign.status != "cancelled":
        raise changed_meanwhile()
    if status == "scheduled" and (scheduled_for is None or scheduled_for <= now):
        raise Conflict("O horário do envio já passou; mande enviar de novo, se quiser.", code="sending_past")
    values = {"status": status, "scheduled_for": scheduled_for}
    return _written(session, company_id, campaign, values, event="marketing.campaign_updated", now=now, outbox=outbox)


def _stop(session: Session, company_id: UUID, campaign_id: UUID, now: datetime) -> int:
    """Skips the recipients to whom nothing was written yet, and withdraws messages that no worker has begun to send."""
    of_campaign = (CampaignRecipient.company_id == company_id, CampaignRecipient.campaign_id == campaign_id)
    skipped = {"status": "skipped", "skipped_because": "cancelled", "updated_at": now}
    queued = session.execute(
        select(CampaignRecipient.id, CampaignRecipient.message_id).where(
            *of_campaign, CampaignRecipient.status == "written"
        )
    ).all()
    withdrawn = set(broadcasts.withdraw(session, company_id, [row.message_id for row in queued], now))
    ids = [row.id for row in queued if row.message_id in withdrawn]
    either = (CampaignRecipient.status == "pending") | CampaignRecipient.id.in_(ids)
    stopped = update(CampaignRecipient).where(*of_campaign, either).values(**skipped).returning(CampaignRecipient.id)
    return len(session.execute(stopped.execution_options(synchronize_session=False)).all())


def _count(session: Session, company_id: UUID, campaign_id: UUID, status: str) -> int:
    return session.scalars(
        select(func.count())
        .select_from(CampaignRecipient)
        .where(
            CampaignRecipient.company_id == company_id,
            CampaignRecipient.campaign_id == campaign_id,
            CampaignRecipient.status == status,
        )
    ).one()


def _locked(session: Session, company_id: UUID, campaign_id: UUID) -> SendingView:
    row = session.execute(
        select(*_SHOWN)
        .where(Campaign.company_id == company_id, Campaign.id == campaign_id, Campaign.deleted_at.is_(None))
        .with_for_update()
    ).one_or_none()
    if row is None:
        raise NotFound("Não encontrei essa campanha.", code="campaign_not_found")
    return SendingView(*row)


def _written(
    session: Session,
    company_id: UUID,
    campaign: SendingView,
    values: dict[str, Any],
    *,
    event: str,
    now: datetime,
    outbox: Outbox | None,
) -> SendingView:
    write_version(session, Campaign, company_id, campaign.id, version=campaign.version, values=values, now=now)
    written = _locked(session, company_id, campaign.id)
    if outbox is not None:
        data: dict[str, Json] = {"campaign_id": str(written.id), "status": written.status, "audience": written.audience}
        outbox.record(DomainEvent(event, company_id, now, data))
    return written
