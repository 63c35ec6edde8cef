"""A company's subscriptions: at most one is current, earlier ones are kept as history."""

from datetime import timedelta
from typing import Any, Final, cast
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.orm import Session

from falachefe.audit.service import note_change
from falachefe.companies.models import Company
from falachefe.companies.schemas import (
    EffectivePlan,
    SubscriptionIn,
    Subscriptions,
    SubscriptionShown,
    moment,
)
from falachefe.http.unit_of_work import RequestUnitOfWork
from falachefe.kernel.errors import NotFound, invalid_field
from falachefe.plans import limits as plan_limits
from falachefe.plans.models import Subscription
from falachefe.plans.rules import PlanTerms
from falachefe.resources.preconditions import check_match

CANCELED: Final = "canceled"
_FIELDS: Final = ("plan_code", "status", "limits", "ends_at")
_MAX_HISTORY: Final = 100


def listed(work: RequestUnitOfWork) -> Subscriptions:
    """The plan in force, the current subscription, and earlier ones, newest first."""
    terms = plan_limits.terms(work.session, work.company_id, work.now)
    rows = work.session.scalars(
        select(Subscription)
        .where(Subscription.company_id == work.company_id, Subscription.deleted_at.is_(None))
        .order_by(Subscription.id.desc())
        .limit(_MAX_HISTORY)
    ).all()
    current = next((row for row in rows if row.status != CANCELED), None)
    return {
        "plan": plan_in_force(terms),
        "current": shown(current) if current else None,
        "history": [shown(row) for row in rows if row is not current],
    }


def start(work: RequestUnitOfWork, body: SubscriptionIn) -> SubscriptionShown:
    """Starts a new subscription and ends the current one. Users and channels beyond the new limits stay."""
    if body.ends_at is not None and body.ends_at <= work.now:
        raise invalid_field("ends_at", "O fim da assinatura tem de ser no futuro.", "ends_at_invalid")
    before = _current(work.session, work.company_id)
    if before is not None:
        before.status = CANCELED
        if before.ends_at is None or before.ends_at > work.now:
            before.ends_at = max(work.now, before.starts_at + timedelta(milliseconds=1))
        before.updated_at = work.now
        work.session.flush()
    row = Subscription(
        company_id=work.company_id,
        plan_code=body.plan_code,
        status=body.status,
        limits=body.limits.model_dump(exclude_unset=True),
        starts_at=work.now,
        ends_at=body.ends_at,
        created_at=work.now,
        updated_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    replaced = {"plan_code": before.plan_code if before is not None else None}
    _record(work, "create", row, "subscription_started", replaced)
    return shown(row)


def change(work: RequestUnitOfWork, patch: BaseModel, if_match: str | None) -> SubscriptionShown:
    """Changes the current subscription's status, agreed limits or end. Raises `NotFound` without one."""
    row = _current(work.session, work.company_id)
    if row is None:
        raise NotFound("A empresa não tem assinatura; ela está no plano grátis.", code="subscription_not_found")
    check_match(if_match, row.version)
    sent = patch.model_dump(include=patch.model_fields_set, exclude_unset=True)
    changes = {name: value for name, value in sent.items() if getattr(row, name) != value}
    if changes.get("ends_at") is not None and changes["ends_at"] <= row.starts_at:
        raise invalid_field("ends_at", "O fim da assinatura tem de ser depois do começo.", "ends_at_invalid")
    if changes:
        before = _snapshot(row)
        for name, value in changes.items():
            setattr(row, name, value)
        row.updated_at = work.now
        work.session.flush()
        event = "subscription_canceled" if changes.get("status") == CANCELED else "subscription_changed"
        _record(work, "update", row, event, before)
    return shown(row)


def shown(row: Subscription) -> SubscriptionShown:
    return {
        "id": str(row.id),
        "plan_code": cast(Any, row.plan_code),
        "status": cast(Any, row.status),
        "limits": cast(Any, row.limits),
        "starts_at": moment(row.starts_at),
        "ends_at": moment(row.ends_at) if row.ends_at else None,
        "created_at": moment(row.created_at),
        "updated_at": moment(row.updated_at),
        "version": row.version,
    }


def plan_in_force(terms: PlanTerms) -> EffectivePlan:
    return {
        "code": cast(Any, terms.code),
        "name": terms.name,
        "users_limit": terms.limits.users,
        "channels_limit": terms.limits.channels,
        "messages_limit": terms.limits.messages,
    }


def _current(session: Session, company_id: UUID) -> Subscription | None:
    """The current subscription, under the company's lock, which serializes changes.

    Raises `NotFound` when there is no such company.
    """
    known = select(Company.id).where(Company.id == company_id, Company.deleted_at.is_(None))
    if session.execute(known.with_for_update(key_share=True)).scalar() is None:
        raise NotFound("Empresa não encontrada.", code="company_not_found")
    return session.scalars(
        select(Subscription).where(
            Subscription.company_id == company_id,
            Subscription.status != CANCELED,
            Subscription.deleted_at.is_(None),
        )
    ).one_or_none()


def _snapshot(row: Subscription) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _FIELDS}


def _record(work: RequestUnitOfWork, action: str, row: Subscription, event: str, before: dict[str, Any]) -> None:
    data = {"plan_code": row.plan_code, "status": row.status}
    name = f"tenancy.{event}"
    note_change(work, action, "subscriptions", row.id, name, before=before, after=_snapshot(row), data=dict(data))
