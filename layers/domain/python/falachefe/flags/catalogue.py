"""Administration of feature flags and of their overrides for single companies."""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from falachefe.audit.rules import id_of
from falachefe.audit.service import note_change
from falachefe.companies.schemas import (
    CompanyFlags,
    FlagIn,
    FlagShown,
    FlagsShown,
    moment,
)
from falachefe.companies.service import company
from falachefe.flags import reader as flags
from falachefe.flags.models import FeatureFlag, FeatureFlagOverride
from falachefe.http.unit_of_work import RequestUnitOfWork, enter_company
from falachefe.kernel.errors import Conflict, NotFound
from falachefe.kernel.ids import new_id
from falachefe.resources.preconditions import check_match

_FIELDS: Final = ("description", "enabled", "percentage")


def listed(session: Session) -> FlagsShown:
    statement = select(FeatureFlag).where(FeatureFlag.deleted_at.is_(None)).order_by(FeatureFlag.name)
    return {"data": [shown(row) for row in session.scalars(statement)]}


def get(session: Session, name: str) -> FlagShown:
    return shown(_found(session, name))


def create(work: RequestUnitOfWork, body: FlagIn) -> FlagShown:
    """Raises `Conflict` for a name that was ever used: companies may still have overrides for it."""
    values = {**body.model_dump(), "created_at": work.now, "updated_at": work.now}
    made = work.session.execute(
        upsert(FeatureFlag).values(**values).on_conflict_do_nothing().returning(FeatureFlag.name)
    ).scalar()
    if made is None:
        raise Conflict("Já houve uma funcionalidade com este nome. Escolha outro.", code="flag_exists")
    row = _found(work.session, body.name)
    _record(work, "create", row, {}, _snapshot(row))
    return shown(row)


def change(work: RequestUnitOfWork, name: str, patch: BaseModel, if_match: str | None) -> FlagShown:
    row = _found(work.session, name, lock=True)
    check_match(if_match, row.version)
    sent = patch.model_dump(include=patch.model_fields_set)
    changes = {field: value for field, value in sent.items() if getattr(row, field) != value}
    if changes:
        before = _snapshot(row)
        for field, value in changes.items():
            setattr(row, field, value)
        row.updated_at = work.now
        _record(work, "update", row, before, _snapshot(row))
    return shown(row)


def remove(work: RequestUnitOfWork, name: str, if_match: str | None) -> None:
    """Deletes a flag: the feature is as the code's default has it, usually off. The name stays taken."""
    row = _found(work.session, name, lock=True)
    check_match(if_match, row.version, required=False)
    row.deleted_at = row.updated_at = work.now
    _record(work, "delete", row, _snapshot(row), {})


def of_company(work: RequestUnitOfWork) -> CompanyFlags:
    """Every feature's value for the company. Raises `NotFound` when there is no such company."""
    company(work.session, work.company_id)
    found = flags.features(work.session, work.company_id)
    return {
        "data": [
            {"name": one.name, "description": one.description, "on": one.on, "override": one.override} for one in found
        ]
    }


def set_override(work: RequestUnitOfWork, name: str, *, enabled: bool) -> CompanyFlags:
    """Switches a feature for this company, regardless of the flag's value for others."""
    company(work.session, work.company_id)
    _found(work.session, name)
    before = _override(work, name)
    if before is not enabled:
        statement = upsert(FeatureFlagOverride).values(
            company_id=work.company_id, id=new_id(), flag=name, enabled=enabled
        )
        work.session.execute(
            statement.on_conflict_do_update(
                index_elements=["company_id", "flag"],
                set_={"enabled": enabled, "updated_at": func.now(), "version": FeatureFlagOverride.version + 1},
            )
        )
        _record_override(work, name, before, enabled)
    return of_company(work)


def remove_override(work: RequestUnitOfWork, name: str) -> None:
    """Removes the company's override. Raises `NotFound` when there is none."""
    before = _override(work, name)
    if before is None:
        raise NotFound("Nada foi decidido só para esta empresa.", code="override_not_found")
    work.session.execute(
        delete(FeatureFlagOverride)
        .where(FeatureFlagOverride.company_id == work.company_id, FeatureFlagOverride.flag == name)
        .execution_options(synchronize_session=False)
    )
    _record_override(work, name, before, None)


def shown(row: FeatureFlag) -> FlagShown:
    return {
        "name": row.name,
        "description": row.description,
        "enabled": row.enabled,
        "percentage": row.percentage,
        "created_at": moment(row.created_at),
        "updated_at": moment(row.updated_at),
        "version": row.version,
    }


def _found(session: Session, name: str, *, lock: bool = False) -> FeatureFlag:
    statement = select(FeatureFlag).where(FeatureFlag.name == name, FeatureFlag.deleted_at.is_(None))
    row = session.execute(statement.with_for_update() if lock else statement).scalar_one_or_none()
    if row is None:
        raise NotFound("Esta funcionalidade não existe.", code="flag_not_found")
    return row


def _override(work: RequestUnitOfWork, name: str) -> bool | None:
    return work.session.scalar(
        select(FeatureFlagOverride.enabled)
        .where(FeatureFlagOverride.company_id == work.company_id, FeatureFlagOverride.flag == name)
        .with_for_update()
    )


def _snapshot(row: FeatureFlag) -> dict[str, Any]:
    return {field: getattr(row, field) for field in _FIELDS}


def _record(
    work: RequestUnitOfWork, action: str, row: FeatureFlag, before: Mapping[str, Any], after: Mapping[str, Any]
) -> None:
    enter_company(work)
    event, data = f"tenancy.flag_{action}d", {"flag": row.name}
    note_change(
        work, action, "feature_flags", id_of("flag", row.name), event, before=before, after=after, data=dict(data)
    )


def _record_override(work: RequestUnitOfWork, name: str, before: bool | None, after: bool | None) -> None:
    note_change(
        work,
        "update",
        "feature_flags",
        id_of("flag", name),
        "tenancy.flag_decided",
        before={name: before},
        after={name: after},
        data={"flag": name},
    )
