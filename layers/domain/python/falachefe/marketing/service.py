"""Use cases of campaigns. Every function runs in the caller's transaction of one company."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from falachefe.db.outbox import Outbox
from falachefe.db.row_versions import write_version
from falachefe.kernel.errors import Conflict, NotFound
from falachefe.kernel.events import DomainEvent, Json
from falachefe.kernel.ids import new_id
from falachefe.kernel.text import fold
from falachefe.marketing import rules
from falachefe.marketing.models import Campaign
from falachefe.marketing.posts import suggest_post
from falachefe.marketing.results import Results, results_of
from falachefe.messaging.conversations.audience import audience_size

__all__ = [
    "CampaignResults",
    "CampaignView",
    "campaign_named",
    "campaign_results",
    "count_contacts",
    "discard_draft",
    "draft_campaign",
    "list_campaigns",
    "suggest_post",
]


@dataclass(frozen=True, slots=True)
class CampaignView:
    """A campaign; `audience` is how many contacts its segment held when it was drafted."""

    id: UUID
    name: str
    message: str
    segment: str
    segment_label: str
    status: str
    status_label: str
    audience: int
    scheduled_for: datetime | None
    version: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class CampaignResults:
    """A campaign, what became of it, and rates in per cent of the messages sent; None before any was sent."""

    campaign: CampaignView
    results: Results
    delivered_rate: Decimal | None
    read_rate: Decimal | None
    replied_rate: Decimal | None


_SHOWN = (
    Campaign.id,
    Campaign.name,
    Campaign.message,
    Campaign.segment,
    Campaign.status,
    Campaign.audience,
    Campaign.scheduled_for,
    Campaign.version,
    Campaign.created_at,
)


def draft_campaign(
    session: Session,
    company_id: UUID,
    *,
    name: str,
    message: str,
    segment: str,
    created_by: UUID | None,
    now: datetime,
    outbox: Outbox | None = None,
) -> CampaignView:
    """Stores a draft with the size of its audience; sends nothing. Raises `Conflict` for a name in use."""
    shown, body, who = rules.campaign_name(name), rules.campaign_message(message), rules.campaign_segment(segment)
    audience = audience_size(session, company_id, who, now)
    statement = upsert(Campaign).values(
        company_id=company_id,
        id=new_id(),
        name=shown,
        message=body,
        segment=who,
        audience=audience,
        created_by=created_by,
        created_at=now,
        updated_at=now,
    )
    row = session.execute(statement.on_conflict_do_nothing().returning(*_SHOWN)).one_or_none()
    if row is None:
        raise Conflict(f"Já existe uma campanha chamada “{shown}”. Escolha outro nome.", code="campaign_exists")
    view = _view(row)
    if outbox is not None:
        data: dict[str, Json] = {"campaign_id": str(view.id), "segment": who, "audience": audience}
        outbox.record(DomainEvent("marketing.campaign_drafted", company_id, now, data))
    return view


def discard_draft(
    session: Session, company_id: UUID, campaign_id: UUID, *, version: int, now: datetime, outbox: Outbox | None = None
) -> None:
    """Deletes a campaign that still has this version. Raises `Conflict` otherwise."""
    values = {"deleted_at": now}
    written = write_version(session, Campaign, company_id, campaign_id, version=version, values=values, now=now)
    if outbox is not None:
        data: dict[str, Json] = {"campaign_id": str(campaign_id), "version": written}
        outbox.record(DomainEvent("marketing.campaign_deleted", company_id, now, data))


def list_campaigns(session: Session, company_id: UUID, *, limit: int = 20) -> list[CampaignView]:
    """The newest campaigns first."""
    return [_view(row) for row in session.execute(_newest(company_id).limit(limit))]


def campaign_results(session: Session, company_id: UUID, name: str) -> CampaignResults:
    """The results of the campaign that `name` matches: accents and case are ignored, a part of the name is enough.

    Raises `NotFound` when none matches and `Conflict` with the names when several do.
    """
    campaign = campaign_named(session, company_id, name)
    results = results_of(session, company_id, [campaign.id])[campaign.id]
    of = results.outcomes
    return CampaignResults(
        campaign,
        results,
        rules.rate(of.delivered, of.sent),
        rules.rate(of.read, of.sent),
        rules.rate(of.replied, of.sent),
    )


def campaign_named(session: Session, company_id: UUID, name: str) -> CampaignView:
    """The campaign that `name` matches, as in `campaign_results`."""
    return _named([_view(row) for row in session.execute(_newest(company_id))], name)


def count_contacts(session: Session, company_id: UUID, segment: str, now: datetime) -> int:
    """How many contacts a campaign to the segment would reach now. Raises `InvalidInput` for an unknown one."""
    return audience_size(session, company_id, rules.campaign_segment(segment), now)


def _named(campaigns: list[CampaignView], name: str) -> CampaignView:
    wanted = fold(name)
    shown = " ".join(name.split())[: rules.MAX_NAME_LENGTH]
    found = [c for c in campaigns if fold(c.name) == wanted]
    if not found and wanted:
        found = [c for c in campaigns if fold(c.name).startswith(wanted)]
    if not found and wanted:
        found = [c for c in campaigns if wanted in fold(c.name)]
    if not found:
        raise NotFound(f"Não encontrei a campanha “{shown}”.", code="campaign_not_found")
    if len(found) > 1:
        names = ", ".join(f"“{c.name}”" for c in found[:5])
        raise Conflict(f"Há mais de uma campanha com esse nome: {names}. Qual delas?", code="campaign_ambiguous")
    return found[0]


def _newest(company_id: UUID) -> Select[*tuple[Any, ...]]:
    return (
        select(*_SHOWN)
        .where(Campaign.company_id == company_id, Campaign.deleted_at.is_(None))
        .order_by(Campaign.id.desc())
    )


def _view(row: Row[*tuple[Any, ...]]) -> CampaignView:
    return CampaignView(
        **row._mapping,
        segment_label=rules.SEGMENT_LABELS[row.segment],
        status_label=rules.STATUS_LABELS[row.status],
    )
