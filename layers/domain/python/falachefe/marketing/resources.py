"""Declares campaigns as a REST resource that applies the rules of marketing."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from falachefe.http.unit_of_work import RequestUnitOfWork
from falachefe.kernel.errors import Conflict
from falachefe.marketing import rules, service
from falachefe.marketing.models import Campaign
from falachefe.marketing.results import Results, results_of
from falachefe.marketing.schemas import CampaignIn, CampaignOut
from falachefe.messaging.conversations.audience import audience_size
from falachefe.resources.declaration import Created, Hooks, Resource, Values
from falachefe.resources.schemas import partial_of


def _create_campaign(work: RequestUnitOfWork, campaign: CampaignIn) -> Created:
    drafted = service.draft_campaign(
        work.session,
        work.company_id,
        name=campaign.name,
        message=campaign.message,
        segment=campaign.segment,
        created_by=work.who.author_id,
        now=work.now,
        outbox=work.outbox,
    )
    return Created(drafted.id)


def _update_campaign(work: RequestUnitOfWork, row: Campaign, changes: Values) -> Values:
    if row.status != "draft":
        raise Conflict("Só um rascunho pode ser mudado.", code="campaign_not_draft")
    checked = dict(changes)
    if "name" in checked:
        checked["name"] = rules.campaign_name(checked["name"])
    if "message" in checked:
        checked["message"] = rules.campaign_message(checked["message"])
    if "segment" in checked:
        checked["audience"] = audience_size(work.session, work.company_id, checked["segment"], work.now)
    return checked


def _refuse_started(_: RequestUnitOfWork, row: Campaign) -> None:
    if row.status in ("scheduled", "sending"):
        raise Conflict("Esta campanha está agendada ou em envio.", code="campaign_under_way")


def _add_results(work: RequestUnitOfWork, rows: Sequence[Campaign]) -> list[Mapping[str, Any]]:
    # A draft has no recipients: a page of drafts needs no further statements.
    found = results_of(work.session, work.company_id, [row.id for row in rows if row.status != "draft"])
    none = Results()
    return [
        {
            "segment_label": rules.SEGMENT_LABELS[row.segment],
            "status_label": rules.STATUS_LABELS[row.status],
            "sent": found.get(row.id, none).outcomes.sent,
            "delivered": found.get(row.id, none).outcomes.delivered,
            "read": found.get(row.id, none).outcomes.read,
            "replied": found.get(row.id, none).outcomes.replied,
            "failed": found.get(row.id, none).outcomes.failed,
            "skipped": found.get(row.id, none).skipped,
        }
        for row in rows
    ]


CAMPAIGNS: Final = Resource[Campaign, CampaignIn, CampaignOut](
    name="campaigns",
    singular="campaign",
    context="marketing",
    model=Campaign,
    read=CampaignOut,
    create=CampaignIn,
    update=partial_of(CampaignIn),
    filter_by=("name", "segment", "status", "created_at"),
    sort_by=("name", "status", "audience", "created_at"),
    search_in=("name", "message"),
    hooks=Hooks(
        create=_create_campaign, before_update=_update_campaign, before_delete=_refuse_started, extras=_add_results
    ),
    composed=True,
)
