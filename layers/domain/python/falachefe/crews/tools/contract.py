"""What a tool is, what it gets and what it answers. Light on purpose: no model library is imported here."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import BaseModel
from sqlalchemy.orm import Session

from falachefe.db.outbox import Outbox
from falachefe.kernel.clock import local_date


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a tool did. `message` is pt-BR and may be read by the person who wrote; `data` is for the model."""

    ok: bool
    message: str
    data: dict[str, Any] = field(default_factory=dict)
    code: str | None = None
    """Why not, as a stable code, when `ok` is false."""

    def as_json(self) -> dict[str, Any]:
        """What the model reads and the journal keeps."""
        body: dict[str, Any] = {"ok": self.ok, "message": self.message}
        if self.data:
            body["data"] = self.data
        if self.code:
            body["code"] = self.code
        return body


@dataclass(frozen=True, slots=True)
class ToolContext:
    """Whom a tool works for, and the open transaction it works in. `now` is aware."""

    session: Session
    outbox: Outbox
    company_id: UUID
    user_id: UUID | None
    contact_id: UUID | None
    conversation_id: UUID
    task_id: UUID
    now: datetime
    time_zone: str
    permissions: frozenset[str]
    sender_name: str | None
    company_name: str = ""
    agent_id: UUID | None = None
    """Which agent acts, for the audit log."""
    written_at: datetime | None = None
    """When the newest message of the turn was written; None is `now`."""

    @property
    def today(self) -> date:
        """The person's "hoje": the date where the company is, at the moment the message was written."""
        return local_date(self.written_at or self.now, self.time_zone)

    @property
    def reply_date(self) -> date:
        """The date where the company is as the answer is given: dates in its words are told from that day."""
        return local_date(self.now, self.time_zone)

    @property
    def local_hour(self) -> int:
        return self.now.astimezone(ZoneInfo(self.time_zone)).hour


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """One tool. `permission` None means that everyone who may write to the company may use it."""

    name: str
    role: str
    permission: str | None
    action: str
    """What it does, as an infinitive in pt-BR: "registrar despesas". Refusals and the help speak with it."""
    description: str
    """When and how to use it: for the model."""
    arguments: type[BaseModel]
    apply: Callable[[ToolContext, Any], ToolResult]
    """Takes an instance of `arguments`. A `DomainError` is a refusal and becomes the answer."""
    writes: str | None = None
    """The resource that it changes, as the API names it: each use is in the audit log. Its answer has the row's `id`;
    without one it is the conversation that was changed. None for tools that only look something up."""
    masked: frozenset[str] = frozenset()
    """Arguments that the audit log must not hold (secrets, documents, phones and salaries are masked anyway)."""
