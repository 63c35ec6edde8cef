"""Reading and changing a company's settings."""

from typing import Annotated, Any, Final, TypedDict

from pydantic import BaseModel, Field
from sqlalchemy import select

from falachefe.audit.service import note_change
from falachefe.companies.models import Company
from falachefe.companies.schemas import CompanyName, TimeZone, moment
from falachefe.companies.settings_rules import (
    CompanySettings,
    Tone,
    Weekday,
    settings_of,
)
from falachefe.http.schemas import Id, Moment
from falachefe.http.unit_of_work import RequestUnitOfWork
from falachefe.kernel.errors import NotFound
from falachefe.resources.preconditions import check_match
from falachefe.resources.schemas import partial_of

_COLUMNS: Final = ("name", "time_zone")


class _SettingsFields(CompanySettings):
    name: CompanyName
    time_zone: TimeZone


SettingsPatch = partial_of(_SettingsFields)


class HoursShown(TypedDict):
    days: list[Weekday]
    opens: Annotated[str, Field(examples=["08:00"])]
    closes: Annotated[str, Field(examples=["18:00"])]


class SettingsShown(TypedDict):
    """`business_hours`: when staff answer, in the company's time zone; empty if no hours are set."""

    company_id: Id
    name: Annotated[str, Field(examples=["Clínica Quatro Patas"])]
    time_zone: Annotated[str, Field(examples=["America/Sao_Paulo"])]
    takeover_minutes: Annotated[int, Field(ge=5, le=1440, examples=[60])]
    tone: Tone
    business_hours: list[HoursShown]
    updated_at: Moment
    version: Annotated[int, Field(ge=1, examples=[1])]


def get(work: RequestUnitOfWork) -> SettingsShown:
    return _shown(_found(work))


def change(work: RequestUnitOfWork, patch: BaseModel, if_match: str | None) -> SettingsShown:
    """Applies a patch; one that changes nothing keeps the version."""
    row = _found(work, lock=True)
    check_match(if_match, row.version)
    before = _values(row)
    after = before | patch.model_dump(include=patch.model_fields_set)
    if after != before:
        changed = {name: value for name, value in after.items() if value != before[name]}
        for name in _COLUMNS:
            setattr(row, name, after[name])
        own = {name: value for name, value in changed.items() if name not in _COLUMNS}
        if own:
            row.settings = {**row.settings, **own}
        row.updated_at = work.now
        work.session.flush()
        note_change(work, "update", "settings", row.id, "tenancy.settings_changed", before=before, after=after)
    return _shown(row)


def _found(work: RequestUnitOfWork, *, lock: bool = False) -> Company:
    statement = select(Company).where(Company.id == work.company_id, Company.deleted_at.is_(None))
    row = work.session.execute(statement.with_for_update(key_share=True) if lock else statement).scalar_one_or_none()
    if row is None:
        raise NotFound("Empresa não encontrada.", code="company_not_found")
    return row


def _values(row: Company) -> dict[str, Any]:
    return {"name": row.name, "time_zone": row.time_zone, **settings_of(row.settings).model_dump()}


def _shown(row: Company) -> SettingsShown:
    shown: Any = {
        "company_id": str(row.id),
        **_values(row),
        "updated_at": moment(row.updated_at),
        "version": row.version,
    }
    return shown  # type: ignore[no-any-return]  # by the names of the model's fields
