"""What became of campaigns, counted from their recipients and messages."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from falachefe.marketing.models import CampaignRecipient
from falachefe.messaging.conversations.broadcasts import Outcomes, outcomes


@dataclass(frozen=True, slots=True)
class Results:
    """`pending` people get it yet; `skipped` counts those who do not, by reason (`CampaignRecipient`)."""

    outcomes: Outcomes = field(default_factory=Outcomes)
    pending: int = 0
    skipped: Mapping[str, int] = field(default_factory=dict)


def results_of(session: Session, company_id: UUID, campaign_ids: Collection[UUID]) -> dict[UUID, Results]:
    """For each of the campaigns, in two statements."""
    if not campaign_ids:
        return {}
    chosen = (CampaignRecipient.company_id == company_id, CampaignRecipient.campaign_id.in_(campaign_ids))
    written = (
        select(CampaignRecipient.campaign_id.label("broadcast_id"), CampaignRecipient.message_id)
        .where(*chosen, CampaignRecipient.message_id.is_not(None))
        .subquery()
    )
    sent = outcomes(session, company_id, written)
    rows = session.execute(
        select(CampaignRecipient.campaign_id, CampaignRecipient.status, CampaignRecipient.skipped_because, func.count())
        .where(*chosen, CampaignRecipient.status != "written")
        .group_by(CampaignRecipient.campaign_id, CampaignRecipient.status, CampaignRecipient.skipped_because)
    ).all()
    return {
        campaign_id: Results(
            sent.get(campaign_id, Outcomes()),
            sum(row[3] for row in rows if row[0] == campaign_id and row[1] == "pending"),
            {str(row[2]): row[3] for row in rows if row[0] == campaign_id and row[1] == "skipped"},
        )
        for campaign_id in campaign_ids
    }
