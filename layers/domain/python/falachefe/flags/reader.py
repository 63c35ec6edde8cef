"""The values of feature flags for a company, cached for half a minute in each runtime."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from falachefe.db.engine import Database
from falachefe.flags.models import FeatureFlag, FeatureFlagOverride
from falachefe.flags.rules import Flag, is_on
from falachefe.kernel.errors import Forbidden
from falachefe.kernel.ids import new_id
from falachefe.kernel.ttl_cache import TtlCache


@dataclass(frozen=True, slots=True)
class Feature:
    """A flag's value for one company."""

    name: str
    description: str
    on: bool
    override: bool | None


class Flags:
    """Cached flags of companies."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: TtlCache[UUID, Mapping[str, bool]] = TtlCache()

    def of(self, company_id: UUID, now: datetime) -> Mapping[str, bool]:
        """Every feature's value by its name."""
        known = self._known.get(company_id, now)
        if known is None:
            with self._database.tenant(company_id) as session:
                read = {one.name: one.on for one in features(session, company_id)}
            known = self._known.put(company_id, read, now)
        return known

    def is_on(self, name: str, company_id: UUID, now: datetime, *, default: bool = False) -> bool:
        """`default` is for a flag that does not exist."""
        return self.of(company_id, now).get(name, default)


def features(session: Session, company_id: UUID) -> list[Feature]:
    """Every feature's current value for the company, by name."""
    mine = and_(
        FeatureFlagOverride.company_id == company_id,
        FeatureFlagOverride.flag == FeatureFlag.name,
        FeatureFlagOverride.deleted_at.is_(None),
    )
    rows = session.execute(
        select(
            FeatureFlag.name,
            FeatureFlag.description,
            FeatureFlag.enabled,
            FeatureFlag.percentage,
            FeatureFlagOverride.enabled.label("override"),
        )
        .outerjoin(FeatureFlagOverride, mine)
        .where(FeatureFlag.deleted_at.is_(None))
        .order_by(FeatureFlag.name)
    )
    return [
        Feature(
            row.name,
            row.description,
            is_on(Flag(row.name, row.enabled, row.percentage), company_id, row.override),
            row.override,
        )
        for row in rows
    ]


def is_on_now(session: Session, name: str, company_id: UUID, *, default: bool = False) -> bool:
    """As `Flags.is_on`, but uncached and inside a transaction."""
    return next((one.on for one in features(session, company_id) if one.name == name), default)


def require(session: Session, name: str, company_id: UUID) -> None:
    """Raises `Forbidden` when the feature is off for the company."""
    if not is_on_now(session, name, company_id):
        raise Forbidden("Esta funcionalidade não está disponível para a sua empresa.", code="feature_off")


def enable_for_company(session: Session, company_id: UUID, name: str) -> None:
    """Switches a feature on for one company, unless it has an override already."""
    values = {"company_id": company_id, "id": new_id(), "flag": name, "enabled": True}
    session.execute(upsert(FeatureFlagOverride).values(**values).on_conflict_do_nothing())
