"""Domain events: facts that other contexts may react to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from falachefe.kernel.ids import new_id

type Json = str | int | float | bool | list[Json] | dict[str, Json] | None


@dataclass(frozen=True, slots=True)
class DomainEvent:
    """`name` is `<context>.<past participle>`, e.g. `finance.transaction_recorded`.

    `data` holds ids and figures, never a message body, a phone number or a name.
    """

    name: str
    company_id: UUID
    occurred_at: datetime
    data: Mapping[str, Json] = field(default_factory=dict)
    id: UUID = field(default_factory=new_id)
