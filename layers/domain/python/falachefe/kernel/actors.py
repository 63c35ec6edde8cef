"""Who acts, as the audit log records it."""

from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, an API key, an agent that acts for a person, or a job. The address is whole; the audit log masks it."""

    kind: Literal["user", "api_key", "agent", "job"]
    id: UUID | None
    on_behalf_of: UUID | None = None
    address: str | None = None
    user_agent: str | None = None
    request_id: str = ""
    """API Gateway's id of the request, or the id of the task or run: nothing that a client could choose."""
    client_request_id: str | None = None
    """The client's own id of the request, as the client sent it."""


JOB: Final = Actor("job", None)
"""The product itself: workers and schedules."""
