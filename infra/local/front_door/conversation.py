"""Reads a conversation from the database: messages, the agents that answered, their tools."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import PurePosixPath
from threading import Lock
from typing import Any
from uuid import UUID

from sqlalchemy import URL, Engine, create_engine, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from infra.local.front_door.phones import canonical, same_phone
from infra.local.front_door.stack import Company, Person, Stack

_MESSAGES = text("""
    select m.id, m.direction, m.text, m.status, m.provider_message_id, m.created_at, m.crew_task_id
      from messages m
      join conversations v on v.company_id = m.company_id and v.id = m.conversation_id
      join contacts c on c.company_id = v.company_id and c.id = v.contact_id
     where m.company_id = :company_id and c.phone = :phone and m.deleted_at is null
     order by m.created_at desc, m.id desc
     limit :most
""")

# A task's ancestors come along: a handoff leaves the tools of the agent before it on the parent.
_TASKS = text("""
    with recursive chain as (
        select t.company_id, t.id, t.parent_task_id, t.role, t.status, t.execution_time_ms, t.metadata
          from crew_tasks t
         where t.company_id = :company_id and t.id = any(:task_ids)
         union
        select p.company_id, p.id, p.parent_task_id, p.role, p.status, p.execution_time_ms, p.metadata
          from crew_tasks p
          join chain on chain.company_id = p.company_id and chain.parent_task_id = p.id
    )
    select id, parent_task_id, role, status, execution_time_ms, metadata -> 'handoff' ->> 'reason' as reason from chain
""")

_TOOL_CALLS = text("""
    select task_id, tool, args, ok
      from tool_calls
     where company_id = :company_id and task_id = any(:task_ids) and deleted_at is null
     order by created_at, id
""")

_NAME = text("select name from companies where id = :company_id")

_STAFF = text("""
    select name, phone, role
      from users
     where company_id = :company_id and phone is not null and status = 'active' and deleted_at is null
     order by created_at, id
     limit 20
""")


@dataclass(frozen=True)
class ToolRun:
    """One tool that an agent ran."""

    role: str
    tool: str
    args: Mapping[str, Any]
    ok: bool


@dataclass(frozen=True)
class Handoff:
    """One agent passing the conversation to another."""

    source: str
    target: str
    reason: str


@dataclass(frozen=True)
class Turn:
    """The agent, tools and handoffs behind a reply."""

    role: str
    milliseconds: int | None
    tools: tuple[ToolRun, ...]
    handoffs: tuple[Handoff, ...]


@dataclass(frozen=True)
class StoredMessage:
    """One row of `messages`; `turn` is set on replies of the crew."""

    id: str
    direction: str
    text: str
    status: str
    provider_message_id: str | None
    at: datetime
    answered: bool
    turn: Turn | None


@dataclass(frozen=True)
class _Task:
    id: UUID
    parent: UUID | None
    role: str
    status: str
    milliseconds: int | None
    reason: str | None
    """The reason of the handoff to this task's agent."""


class Journal:
    """Conversations from Postgres; empty while the database is not available."""

    def __init__(self, read_stack: Callable[[], Stack]) -> None:
        self._read_stack = read_stack
        self._lock = Lock()
        self._engine: tuple[str, Engine] | None = None

    def conversation(self, company_id: str, phone: str, most: int = 200) -> list[StoredMessage]:
        """The latest messages with that phone, oldest first."""
        engine = self._connect()
        if engine is None:
            return []
        try:
            return _read(engine, company_id, phone, most)
        except SQLAlchemyError:
            return []  # down, or not migrated yet: the page still shows the webhooks and sends

    def company(self, known: Company) -> Company:
        """The company with its name and staff from Postgres, if it is there."""
        engine = self._connect()
        if engine is None:
            return known
        asked = {"company_id": UUID(known.company_id)}
        try:
            with engine.connect() as connection:
                name = connection.scalar(_NAME, asked)
                staff = [Person(row.name, row.phone, row.role) for row in connection.execute(_STAFF, asked)]
        except SQLAlchemyError:
            return known
        return replace(known, name=name or known.name, people=_owner_first(staff, known) or known.people)

    def close(self) -> None:
        """Closes the connections; a later reading opens new ones."""
        with self._lock:
            if self._engine is not None:
                self._engine[1].dispose()
                self._engine = None

    def _connect(self) -> Engine | None:
        url = self._read_stack().database_url
        with self._lock:
            if self._engine is not None and self._engine[0] != url:
                self._engine[1].dispose()
                self._engine = None
            if url is not None and self._engine is None:
                self._engine = (url, connect(url))
            return self._engine[1] if self._engine else None


def connect(database_url: str, *, pool_size: int = 2) -> Engine:
    """A read-only engine for the address that `make up` wrote, over TCP or a socket's folder."""
    return create_engine(
        driver_url(database_url),
        pool_size=pool_size,
        pool_pre_ping=True,
        execution_options={"postgresql_readonly": True},
    )


def driver_url(database_url: str) -> URL:
    """Converts any form of a Postgres address into pg8000's."""
    url = make_url(database_url).set(drivername="postgresql+pg8000")
    folder = url.query.get("host")
    if not isinstance(folder, str) or not folder.startswith("/"):
        return url
    # libpq takes the folder of a socket, pg8000 the socket.
    socket = PurePosixPath(folder) / f".s.PGSQL.{url.port or 5432}"
    return url.difference_update_query(["host"]).update_query_dict({"unix_sock": str(socket)})


def _owner_first(staff: list[Person], known: Company) -> tuple[Person, ...]:
    owners = [replace(one, role="owner") for one in staff if same_phone(one.phone, known.owner_phone)]
    return (*owners, *(one for one in staff if not same_phone(one.phone, known.owner_phone)))


def _read(engine: Engine, company_id: str, phone: str, most: int) -> list[StoredMessage]:
    with engine.connect() as connection:
        asked = {"company_id": UUID(company_id), "phone": f"+{canonical(phone)}", "most": most}
        rows = connection.execute(_MESSAGES, asked).all()
        task_ids = list({row.crew_task_id for row in rows if row.crew_task_id})
        tasks = {
            row.id: _Task(row.id, row.parent_task_id, row.role, row.status, row.execution_time_ms, row.reason)
            for row in connection.execute(_TASKS, {"company_id": UUID(company_id), "task_ids": task_ids})
        }
        calls = connection.execute(_TOOL_CALLS, {"company_id": UUID(company_id), "task_ids": list(tasks)}).all()
    speaking = {row.crew_task_id for row in rows if row.direction == "out"}
    return [_stored(row, tasks, calls, speaking) for row in reversed(rows)]


def _stored(row: Any, tasks: Mapping[UUID, _Task], calls: Sequence[Any], speaking: set[UUID]) -> StoredMessage:
    task = tasks.get(row.crew_task_id)
    return StoredMessage(
        id=str(row.id),
        direction=row.direction,
        text=row.text,
        status=row.status,
        provider_message_id=row.provider_message_id,
        at=row.created_at,
        answered=task is not None and task.status == "completed",
        turn=_turn(task, tasks, calls, speaking) if task is not None and row.direction == "out" else None,
    )


def _turn(task: _Task, tasks: Mapping[UUID, _Task], calls: Sequence[Any], speaking: set[UUID]) -> Turn:
    """The turn of a reply's task, with the earlier tasks that handed over without a reply."""
    chain = [task]
    while (parent := tasks.get(chain[0].parent or task.id)) and parent not in chain and parent.id not in speaking:
        chain.insert(0, parent)
    tools = tuple(
        ToolRun(one.role, call.tool, call.args, call.ok)
        for one in chain
        for call in calls
        if call.task_id == one.id and call.tool != "handoff"
    )
    handoffs = tuple(
        Handoff(parent.role, one.role, one.reason or "")
        for one in chain
        if one.parent is not None and (parent := tasks.get(one.parent)) is not None
    )
    times = [one.milliseconds for one in chain if one.milliseconds is not None]
    return Turn(task.role, sum(times) if times else None, tools, handoffs)
