"""A person of a company and a session of theirs, as the rest of the product names them."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class UserView:
    id: UUID
    company_id: UUID
    name: str
    email: str | None
    role: str


@dataclass(frozen=True, slots=True)
class SessionKey:
    """Which session of whom."""

    company_id: UUID
    user_id: UUID
    session_id: UUID
