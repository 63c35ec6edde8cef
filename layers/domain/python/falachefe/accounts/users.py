"""A user and a session as the other packages refer to them."""

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
    """Identifies a session and its user."""

    company_id: UUID
    user_id: UUID
    session_id: UUID
