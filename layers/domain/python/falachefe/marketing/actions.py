"""The REST actions on a campaign: ordering and cancelling its sending, with their audit entries."""

from typing import Any
from uuid import UUID

from falachefe.audit import service as audit
from falachefe.audit.rules import changed_fields
from falachefe.http.unit_of_work import RequestUnitOfWork
from falachefe.marketing import rules, sending
from falachefe.marketing.resources import CAMPAIGNS
from falachefe.marketing.schemas import SendIn
from falachefe.resources import crud


def send(work: RequestUnitOfWork, campaign_id: UUID, wanted: SendIn) -> dict[str, Any]:
    """The campaign's document, scheduled."""
    done = sending.order_sending(
        work.session,
        work.company_id,
        campaign_id,
        at=wanted.at,
        most_people=rules.most_people(may_send_to_many=work.who.may(rules.LARGE)),
        now=work.now,
        outbox=work.outbox,
    )
    at = None if done.scheduled_for is None else done.scheduled_for.isoformat()
    changes = changed_fields({}, {"status": done.status, "scheduled_for": at, "audience": done.audience})
    audit.note(work, action="send", resource="campaigns", resource_id=campaign_id, changes=changes)
    return crud.get(work, CAMPAIGNS, campaign_id)


def cancel(work: RequestUnitOfWork, campaign_id: UUID) -> dict[str, Any]:
    """The campaign's document, cancelled."""
    done = sending.cancel_campaign(work.session, work.company_id, campaign_id, now=work.now, outbox=work.outbox)
    changes = changed_fields({"status": done.before}, {"status": done.campaign.status, "spared": done.spared})
    audit.note(work, action="cancel", resource="campaigns", resource_id=campaign_id, changes=changes)
    return crud.get(work, CAMPAIGNS, campaign_id)
