"""The actor of an action, as recorded in the audit log."""

from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Actor:
    """A user, an API key, an agent acting for a user, or a job. The audit log masks the address."""

    kind: Literal["user", "api_key", "agent", "job"]
    id: UUID | None
    on_behalf_of: UUID | None = None
    address: str | None = None
    user_agent: str | None = None
    request_id: str = ""
    """Id of API Gateway's request, or of the task or run; never chosen by a client."""
    client_request_id: str | None = None
    """The client's own id of the request, as sent."""


JOB: Final = Actor("job", None)
"""The system itself: workers and schedules."""
