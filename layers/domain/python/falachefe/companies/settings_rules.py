"""A company's settings and what follows from business hours. Stored as JSON; an absent setting has its default."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from falachefe.companies.rules import DEFAULT_TAKEOVER_MINUTES
from falachefe.kernel import brazil
from falachefe.kernel.errors import InvalidValue
from falachefe.resources.schemas import Input

type Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
type Tone = Literal["warm", "formal"]

WEEKDAYS: Final[tuple[Weekday, ...]] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MAX_BUSINESS_HOURS: Final = 14


def _once_each(days: list[Weekday]) -> list[Weekday]:
    if len(set(days)) != len(days):
        raise InvalidValue("Diga cada dia uma vez só.")
    return days


ClockTime = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$", examples=["08:00"])]


class OpenHours(Input):
    """Staff answer on these days from `opens` until `closes`, in the company's time zone."""

    days: Annotated[
        list[Weekday], Field(min_length=1, max_length=7, examples=[["mon", "tue"]]), AfterValidator(_once_each)
    ]
    opens: ClockTime
    closes: Annotated[ClockTime, Field(examples=["18:00"])]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.opens >= self.closes:
            raise InvalidValue("O dia fecha depois que abre.")
        return self


class CompanySettings(Input):
    takeover_minutes: Annotated[int, Field(ge=5, le=1440)] = DEFAULT_TAKEOVER_MINUTES
    """How long the crew stays silent in a conversation that a person took over."""
    tone: Tone = "warm"
    """How the agents speak with people."""
    business_hours: Annotated[list[OpenHours], Field(max_length=_MAX_BUSINESS_HOURS)] = Field(default_factory=list)
    """When people of the company answer; an empty list means no stated hours."""


DEFAULTS: Final = CompanySettings()


def settings_of(stored: Mapping[str, Any]) -> CompanySettings:
    """The settings in a company's row; unknown keys are ignored."""
    known = {name: value for name, value in stored.items() if name in CompanySettings.model_fields}
    return CompanySettings.model_validate(known) if known else DEFAULTS


def is_open(hours: Sequence[OpenHours], local: datetime) -> bool:
    """Whether `local`, in the company's time zone, is within business hours; always without any."""
    day, now = WEEKDAYS[local.weekday()], f"{local:%H:%M}"
    return not hours or any(day in one.days and one.opens <= now < one.closes for one in hours)


def next_opening(hours: Sequence[OpenHours], local: datetime) -> datetime | None:
    """The next opening after `local`; None without business hours."""
    starts = [
        datetime.combine(local.date() + timedelta(days=ahead), time.fromisoformat(one.opens), local.tzinfo)
        for ahead in range(8)
        for one in hours
        if WEEKDAYS[(local.weekday() + ahead) % 7] in one.days
    ]
    return min((start for start in starts if start > local), default=None)


def opening_in_words(opening: datetime, local: datetime) -> str:
    """`hoje às 14h`, `amanhã às 8h`, `segunda às 8h30`."""
    days = (opening.date() - local.date()).days
    day = "hoje" if days == 0 else "amanhã" if days == 1 else brazil.WEEKDAYS[opening.weekday()]
    return f"{day} às {opening.hour}h{f'{opening.minute:02}' if opening.minute else ''}"
