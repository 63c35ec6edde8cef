"""A person of a company, as the rest of the product sees them."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class UserView:
    id: UUID
    company_id: UUID
    name: str
    email: str | None
    role: str
