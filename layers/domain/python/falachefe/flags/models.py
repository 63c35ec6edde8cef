"""Feature flags, which belong to the platform, and what single companies have instead.

Every company reads the flags; only a transaction of no company writes them.
"""

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from falachefe.db.base import Row, TenantRow, of_company


class FeatureFlag(Row):
    __tablename__ = "feature_flags"
    __table_args__ = (CheckConstraint("percentage between 0 and 100", name="percentage"),)

    name: Mapped[str] = mapped_column(primary_key=True, sort_order=-1)
    description: Mapped[str]
    enabled: Mapped[bool] = mapped_column(default=False, server_default="false")
    """For all companies without an override."""
    percentage: Mapped[int] = mapped_column(default=0, server_default="0")
    """Of the companies that have it while it is not enabled for all."""


class FeatureFlagOverride(TenantRow):
    """A flag's value for one company."""

    __tablename__ = "feature_flag_overrides"
    __table_args__ = (
        of_company(),
        Index("uq_feature_flag_overrides_flag", "company_id", "flag", unique=True),
    )

    flag: Mapped[str]
    enabled: Mapped[bool]
