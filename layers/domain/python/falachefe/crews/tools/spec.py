"""Specification, context and result of a tool. Imports no model library, so that functions without one can use it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import BaseModel
from sqlalchemy.orm import Session

from falachefe.db.outbox import Outbox
from falachefe.http.principal import allows
from falachefe.kernel.clock import local_date


@dataclass(frozen=True, slots=True)
class Row:
    """A row that a result shows or has changed. `resource` is its API name, such as `transactions`."""

    resource: str
    id: UUID


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a tool did. `message` is pt-BR and shown to the sender; `data` is for the model."""

    ok: bool
    message: str
    data: dict[str, Any] = field(default_factory=dict)
    code: str | None = None
    """The stable error code when `ok` is false."""
    inverse: dict[str, Any] | None = None
    """What `ToolSpec.undo` needs to take the act back, as JSON; None when nothing was changed. No model sees it."""
    rows: tuple[Row, ...] = ()
    """The rows that the message shows, in its order, or the one that was changed: "o 2" and "isso" refer to them."""

    def as_json(self) -> dict[str, Any]:
        """The form that the model reads."""
        body: dict[str, Any] = {"ok": self.ok, "message": self.message}
        if self.data:
            body["data"] = self.data
        if self.code:
            body["code"] = self.code
        return body

    def stored(self) -> dict[str, Any]:
        """The form that the tool call's row keeps; `of_stored` reads it. The inverse has a column of its own."""
        body = self.as_json()
        if self.rows:
            body["rows"] = [{"resource": row.resource, "id": str(row.id)} for row in self.rows]
        return body

    @classmethod
    def of_stored(cls, body: Mapping[str, Any]) -> "ToolResult":
        return cls(
            body["ok"],
            body["message"],
            body.get("data", {}),
            body.get("code"),
            rows=tuple(Row(row["resource"], UUID(row["id"])) for row in body.get("rows", [])),
        )


@dataclass(frozen=True, slots=True)
class ToolContext:
    """The sender that a tool acts for and the open transaction that it uses. `now` is aware."""

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
    """The acting agent, for the audit log."""
    written_at: datetime | None = None
    """When the newest message of the turn was written; None means `now`."""

    @property
    def today(self) -> date:
        """The sender's "hoje": the company's local date when the message was written."""
        return local_date(self.written_at or self.now, self.time_zone)

    @property
    def reply_date(self) -> date:
        """The company's local date when the reply is given: relative dates in the reply refer to it."""
        return local_date(self.now, self.time_zone)

    def moment(self, at: datetime) -> datetime:
        """An argument's date with time in UTC; without an offset it is by the company's clock."""
        return (at if at.tzinfo else at.replace(tzinfo=ZoneInfo(self.time_zone))).astimezone(UTC)

    @property
    def local_hour(self) -> int:
        return self.now.astimezone(ZoneInfo(self.time_zone)).hour


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """One tool. `permission` None: everyone who may write to the company may use it."""

    name: str
    role: str
    permission: str | None
    action: str
    """What it does, as a pt-BR infinitive ("registrar despesas"), used in refusals."""
    description: str
    """When and how to use it, for the model."""
    arguments: type[BaseModel]
    apply: Callable[[ToolContext, Any], ToolResult]
    """Takes an instance of `arguments`. A `DomainError` becomes a result with `ok` false."""
    writes: str | None = None
    """The resource that it changes, by its API name: each use gets an audit entry. The result's data has the row's
    `id`; without one the conversation was changed. None for tools that only read."""
    masked: frozenset[str] = frozenset()
    """Arguments to mask in the audit log, besides those that are always masked (`audit/masking.py`)."""
    or_permission: str | None = None
    """Suffices in place of `permission`; the tool then limits what it shows or changes, as to the sender's own rows."""
    help: str | None = None
    """Its line in the list of what one may ask for, in pt-BR with an example: `Ver a equipe: "quem trabalha aqui?"`."""
    of_every_agent: bool = False
    """Every agent has it, not only that of its role."""
    members_only: bool = False
    """It is about the sender's own account: `apply` refuses who has none, and `help` leaves it out for them."""
    undo: Callable[[ToolContext, Mapping[str, Any]], ToolResult] | None = None
    """Takes an act back, given its result's `inverse`. It checks the row's version: a row that changed meanwhile is
    left as it is, with a `DomainError` that says so."""


def may_use(spec: ToolSpec, permissions: frozenset[str]) -> bool:
    either = (spec.permission, spec.or_permission)
    return spec.permission is None or any(one is not None and allows(permissions, one) for one in either)
