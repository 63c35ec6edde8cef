"""Schemas of companies, plans, subscriptions, usage and feature flags on the API."""

from datetime import datetime
from typing import Annotated, Final, Literal, TypedDict
from zoneinfo import available_timezones

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints

from falachefe.http.fields import Email
from falachefe.http.schemas import Id, Moment
from falachefe.kernel.errors import InvalidValue
from falachefe.resources.schemas import NO_LINK_IN_NAME, ON_ONE_LINE, Input, Line, partial_of

type PlanCode = Literal["free", "pro", "enterprise"]
type CompanyStatus = Literal["active", "suspended", "closed"]
type SubscriptionStatus = Literal["trialing", "active", "past_due", "canceled"]
_MAX_LIMIT: Final = 2_000_000_000


def _zone(value: str) -> str:
    if value not in available_timezones():
        raise InvalidValue("Use o nome de um fuso horário, como America/Sao_Paulo.")
    return value


CompanyName = Annotated[
    str, ON_ONE_LINE, Field(min_length=2, max_length=120, examples=["Clínica Quatro Patas"]), NO_LINK_IN_NAME
]
TimeZone = Annotated[
    str, StringConstraints(max_length=64), AfterValidator(_zone), Field(examples=["America/Sao_Paulo"])
]
UsersLimit = Annotated[int, Field(ge=1, le=_MAX_LIMIT, examples=[25])]
OtherLimit = Annotated[int, Field(ge=0, le=_MAX_LIMIT, examples=[3])]
Count = Annotated[int, Field(ge=0, examples=[2])]
Allowed = Annotated[int | None, Field(examples=[25])]
"""How many; null is no limit."""


# ---- companies


class FirstAdmin(Input):
    """Receives an invitation by e-mail to choose a password."""

    name: Annotated[str, ON_ONE_LINE, Field(min_length=2, max_length=120, examples=["Marina Alves"]), NO_LINK_IN_NAME]
    email: Annotated[Email, Field(examples=["marina@example.com"])]


class CompanyIn(Input):
    name: CompanyName
    time_zone: TimeZone = "America/Sao_Paulo"
    plan_code: PlanCode = "free"
    admin: FirstAdmin | None = None


class _CompanyFields(Input):
    name: CompanyName
    time_zone: TimeZone
    status: CompanyStatus


CompanyPatch = partial_of(_CompanyFields)


class CompanyShown(TypedDict):
    id: Id
    name: Annotated[str, Field(examples=["Clínica Quatro Patas"])]
    time_zone: Annotated[str, Field(examples=["America/Sao_Paulo"])]
    status: CompanyStatus
    plan_code: PlanCode
    users: Count
    channels: Count
    created_at: Moment
    updated_at: Moment
    version: Annotated[int, Field(ge=1, examples=[1])]


class Companies(TypedDict):
    """In the order of their creation."""

    data: list[CompanyShown]
    next_cursor: Id | None


# ---- plans and subscriptions


class _PlanFields(Input):
    name: Line
    users_limit: UsersLimit | None
    channels_limit: OtherLimit | None
    messages_limit: OtherLimit | None


PlanPatch = partial_of(_PlanFields)


class PlanShown(TypedDict):
    code: PlanCode
    name: Annotated[str, Field(examples=["Pro"])]
    users_limit: Allowed
    channels_limit: Allowed
    messages_limit: Allowed
    updated_at: Moment
    version: Annotated[int, Field(ge=1, examples=[1])]


class Plans(TypedDict):
    data: list[PlanShown]


class AgreedLimits(Input):
    """Limits that replace the plan's: null means unlimited, an omitted limit stays the plan's."""

    users_limit: UsersLimit | None = None
    channels_limit: OtherLimit | None = None
    messages_limit: OtherLimit | None = None


class SubscriptionIn(Input):
    plan_code: PlanCode
    status: Literal["trialing", "active"] = "active"
    limits: AgreedLimits = Field(default_factory=AgreedLimits)
    ends_at: AwareDatetime | None = None


class _SubscriptionFields(Input):
    status: SubscriptionStatus
    limits: AgreedLimits
    ends_at: AwareDatetime | None


SubscriptionPatch = partial_of(_SubscriptionFields, replaced=("limits",))
"""`limits` is replaced as a whole: null in it is a value (unlimited), so that a merge could not remove a limit."""


class AgreedShown(TypedDict, total=False):
    users_limit: Allowed
    channels_limit: Allowed
    messages_limit: Allowed


class SubscriptionShown(TypedDict):
    """`limits`: those agreed with the company, which replace the plan's."""

    id: Id
    plan_code: PlanCode
    status: SubscriptionStatus
    limits: AgreedShown
    starts_at: Moment
    ends_at: Moment | None
    created_at: Moment
    updated_at: Moment
    version: Annotated[int, Field(ge=1, examples=[1])]


class EffectivePlan(TypedDict):
    """The plan and the limits that apply now."""

    code: PlanCode
    name: Annotated[str, Field(examples=["Pro"])]
    users_limit: Allowed
    channels_limit: Allowed
    messages_limit: Allowed


class Subscriptions(TypedDict):
    """`current` is null for a company without a subscription, which has the free plan."""

    plan: EffectivePlan
    current: SubscriptionShown | None
    history: list[SubscriptionShown]


class Used(TypedDict):
    used: Count
    limit: Allowed


class Usage(TypedDict):
    """`messages` counts those of `month`."""

    plan: EffectivePlan
    month: Annotated[str, Field(pattern=r"^\d{4}-\d{2}$", examples=["2026-11"])]
    users: Used
    channels: Used
    messages: Used


# ---- features

FLAG_NAME: Final = r"^[a-z][a-z0-9_]{1,39}$"
FlagName = Annotated[str, Field(pattern=FLAG_NAME, examples=["clinic"])]
Percentage = Annotated[int, Field(ge=0, le=100, examples=[10])]


class FlagIn(Input):
    """`percentage`: the share of companies that have the feature while it is not `enabled` for all."""

    name: FlagName
    description: Line
    enabled: bool = False
    percentage: Percentage = 0


FlagPatch = partial_of(FlagIn, without=("name",))


class FlagShown(TypedDict):
    name: Annotated[str, Field(examples=["clinic"])]
    description: Annotated[str, Field(examples=["Módulo clínico"])]
    enabled: bool
    percentage: Percentage
    created_at: Moment
    updated_at: Moment
    version: Annotated[int, Field(ge=1, examples=[1])]


class FlagsShown(TypedDict):
    data: list[FlagShown]


class OverrideIn(Input):
    enabled: bool


class CompanyFlag(TypedDict):
    """`on`: whether the company has the feature. `override`: what was set for this company alone, or null."""

    name: Annotated[str, Field(examples=["clinic"])]
    description: Annotated[str, Field(examples=["Módulo clínico"])]
    on: bool
    override: bool | None


class CompanyFlags(TypedDict):
    data: list[CompanyFlag]


class Features(TypedDict):
    """The features of the caller's company."""

    features: Annotated[list[str], Field(examples=[["clinic"]])]


def moment(value: datetime) -> str:
    return value.isoformat()
