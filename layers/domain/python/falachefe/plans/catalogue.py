"""The platform's plans, which every company may read."""

from typing import Any, cast

from pydantic import BaseModel
from sqlalchemy import case, select
from sqlalchemy.orm import Session

from falachefe.audit.rules import id_of
from falachefe.audit.service import note_change
from falachefe.companies.schemas import Plans, PlanShown, moment
from falachefe.http.unit_of_work import RequestUnitOfWork, enter_company
from falachefe.kernel.errors import NotFound
from falachefe.plans.models import PLAN_CODES, Plan
from falachefe.resources.preconditions import check_match

_FIELDS = ("name", "users_limit", "channels_limit", "messages_limit")


def listed(session: Session) -> Plans:
    order = case({code: place for place, code in enumerate(PLAN_CODES)}, value=Plan.code)
    return {"data": [shown(row) for row in session.scalars(select(Plan).order_by(order))]}


def change(work: RequestUnitOfWork, code: str, patch: BaseModel, if_match: str | None) -> PlanShown:
    """Changes a plan's name or limits for all companies on it. Raises `NotFound`."""
    row = work.session.execute(select(Plan).where(Plan.code == code).with_for_update()).scalar_one_or_none()
    if row is None:
        raise NotFound("Este plano não existe.", code="plan_not_found")
    check_match(if_match, row.version)
    sent = patch.model_dump(include=patch.model_fields_set)
    changes = {name: value for name, value in sent.items() if getattr(row, name) != value}
    if changes:
        before = {name: getattr(row, name) for name in _FIELDS}
        for name, value in changes.items():
            setattr(row, name, value)
        row.updated_at = work.now
        enter_company(work)
        after, data = {**before, **changes}, {"code": code}
        note_change(
            work, "update", "plans", id_of("plan", code), "tenancy.plan_changed", before=before, after=after, data=data
        )
    return shown(row)


def shown(row: Plan) -> PlanShown:
    return {
        "code": cast(Any, row.code),
        "name": row.name,
        "users_limit": row.users_limit,
        "channels_limit": row.channels_limit,
        "messages_limit": row.messages_limit,
        "updated_at": moment(row.updated_at),
        "version": row.version,
    }
