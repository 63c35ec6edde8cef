"""A task's journal of model responses, and its tool calls, each applied exactly once."""

from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, bindparam, false, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from falachefe.crews.models import TASKS, TOOL_CALLS
from falachefe.crews.tools.spec import ToolContext, ToolResult
from falachefe.crews.turns import rules
from falachefe.crews.turns.claim import ClaimedTask, LeaseLost
from falachefe.db.engine import Database
from falachefe.db.outbox import Outbox, QueueMessage
from falachefe.db.statements import Query, defer, prepared, run
from falachefe.db.unit_of_work import saved_with
from falachefe.kernel.clock import Clock
from falachefe.kernel.fingerprint import fingerprint
from falachefe.kernel.ids import new_id
from falachefe.messaging.conversations import service as conversations
from falachefe.messaging.conversations.service import ConversationState

type ToolRunner = Callable[[str, Mapping[str, Any], ToolContext], ToolResult]
"""Runs a tool in the context's transaction. A refusal is a result; anything raised is a fault of the program."""


class TaskTimeout(Exception):
    """The attempt took longer than `TASK_TIMEOUT`."""


class _ToolRefused(Exception):
    """Rolls back the transaction of a refused tool, with whatever it had written."""

    def __init__(self, result: ToolResult) -> None:
        super().__init__()
        self.result = result


class _CallIdReused(Exception):
    """The call id belongs to another tool or to other arguments."""


class TaskLog:
    """The journal and toolbox of one claimed task.

    A response that calls tools is saved in the transaction of the first of them: no tool takes effect before its
    response is saved, and a final response needs no transaction of its own. Every write has the fence as a condition,
    so a worker whose lease was taken over raises `LeaseLost` and changes nothing.
    """

    def __init__(self, database: Database, claimed: ClaimedTask, clock: Clock, run_tool: ToolRunner) -> None:
        self._database = database
        self._work = claimed
        self._clock = clock
        self._run_tool = run_tool
        self._unsaved = False
        # A model may call several tools at once, and agents run them in threads.
        self._one_at_a_time = Lock()
        self.messages = claimed.journal
        self.queue_messages: list[QueueMessage] = []
        """The queue messages of the transactions so far, published when the task ends."""

    @property
    def unsaved(self) -> list[Any] | None:
        """The messages; None when all of them are saved."""
        return self.messages if self._unsaved else None

    def load(self) -> list[Any]:
        return self.messages

    def save(self, messages: list[Any]) -> None:
        self._check_time()
        self.messages = messages
        self._unsaved = True

    def call(self, tool: str, tool_call_id: str, args: dict[str, Any]) -> ToolResult:
        """Applies a tool once for its call id; a repeated call returns the stored result.

        The same id with another tool or other arguments is a different call: providers repeat ids. `args` is the JSON
        that the model produced. Raises `LeaseLost`, and `TaskTimeout` when the attempt has taken too long.
        """
        with self._one_at_a_time:
            self._check_time()
            try:
                return self._once(tool, tool_call_id, args)
            except _CallIdReused:
                return self._once(tool, f"{tool_call_id}#{fingerprint([tool, args])}", args)

    def _once(self, tool: str, tool_call_id: str, args: dict[str, Any]) -> ToolResult:
        try:
            return self._apply(tool, tool_call_id, args)
        except _ToolRefused as refusal:
            return self._record(tool, tool_call_id, args, refusal.result)

    def _apply(self, tool: str, tool_call_id: str, args: dict[str, Any]) -> ToolResult:
        outbox = Outbox(self._work.ref.company_id)
        with saved_with(outbox, lambda: self._database.tenant(self._work.ref.company_id)) as session:
            row_id = self._begin_call(session, tool, tool_call_id, args)
            if row_id is None:
                result = self._earlier_result(session, tool, tool_call_id, args)
            else:
                result = self._refusal_if_disabled(tool) or self._run_tool(tool, args, self._context(session, outbox))
                if not result.ok:
                    raise _ToolRefused(result)
                self._end_call(session, row_id, result)
                session.flush()
        self._unsaved = False
        self.queue_messages += outbox.queue_messages
        return result

    def _refusal_if_disabled(self, tool: str) -> ToolResult | None:
        """The refusal of a tool that the company has disabled for this agent."""
        allowed = self._work.crew.tools.get(self._work.agent_id)
        if allowed is None or tool in allowed:
            return None
        return ToolResult(False, "A empresa desligou esta função da equipe.", code="tool_switched_off")

    def _record(self, tool: str, tool_call_id: str, args: dict[str, Any], result: ToolResult) -> ToolResult:
        """Stores the result of a refused call, which changed nothing."""
        with self._database.tenant(self._work.ref.company_id) as session:
            row_id = self._begin_call(session, tool, tool_call_id, args)
            if row_id is None:
                result = self._earlier_result(session, tool, tool_call_id, args)
            else:
                self._end_call(session, row_id, result)
        self._unsaved = False
        return result

    def _begin_call(self, session: Session, tool: str, tool_call_id: str, args: dict[str, Any]) -> UUID | None:
        """Inserts the call under its key; None when the key exists or another worker has the task.

        An unsaved response is saved first. A second worker with the same call waits here for the first one's commit,
        then finds the key. For a tool that changes the conversation it is locked before the task: all code locks the
        two in this order, so that there is no deadlock.
        """
        locks = [lock_conversation_query(self._work)] if _changes_conversation(tool) else []
        begun = _begin.read(
            _row_id,
            **fence_of(self._work),
            id=new_id(),
            tool_call_id=tool_call_id,
            tool=tool,
            args=args,
            now=self._clock.now(),
        )
        if not self._unsaved:
            run(session, *locks, begun)
            return begun.result
        lease = self._clock.now() + rules.LEASE
        written = _journal.read(_any_row, **fence_of(self._work), journal=self.messages, lease_until=lease)
        run(session, *locks, written, begun)
        if not written.result:
            raise LeaseLost
        return begun.result

    def _end_call(self, session: Session, row_id: UUID, result: ToolResult) -> None:
        company_id = self._work.ref.company_id
        defer(
            session,
            _end(company_id=company_id, call_id=row_id, result=result.stored(), inverse=result.inverse, ok=result.ok),
        )

    def _earlier_result(self, session: Session, tool: str, tool_call_id: str, args: dict[str, Any]) -> ToolResult:
        call = session.execute(
            select(TOOL_CALLS.c.result, TOOL_CALLS.c.tool, TOOL_CALLS.c.args).where(
                TOOL_CALLS.c.company_id == self._work.ref.company_id,
                TOOL_CALLS.c.task_id == self._work.ref.task_id,
                TOOL_CALLS.c.tool_call_id == tool_call_id,
            )
        ).first()
        if call is None:
            raise LeaseLost
        if fingerprint([call.tool, call.args]) != fingerprint([tool, args]):
            raise _CallIdReused
        return ToolResult.of_stored(call.result)

    def _context(self, session: Session, outbox: Outbox) -> ToolContext:
        claimed = self._work
        return ToolContext(
            session=session,
            outbox=outbox,
            company_id=claimed.ref.company_id,
            user_id=claimed.state.user_id,
            contact_id=claimed.state.contact_id,
            conversation_id=claimed.ref.conversation_id,
            task_id=claimed.ref.task_id,
            now=self._clock.now(),
            time_zone=claimed.company.time_zone,
            permissions=claimed.permissions,
            sender_name=claimed.sender_name,
            company_name=claimed.company.name,
            agent_id=claimed.agent_id,
            written_at=claimed.written_at,
        )

    def _check_time(self) -> None:
        if self._clock.now() - self._work.claimed_at > rules.TASK_TIMEOUT:
            raise TaskTimeout


def _changes_conversation(tool: str) -> bool:
    from falachefe.crews.tools.registry import TOOLS  # noqa: PLC0415  # 100 ms, only where tools run

    return tool in TOOLS and TOOLS[tool].writes == "conversations"


def lock_conversation_query(claimed: ClaimedTask) -> Query[ConversationState]:
    return conversations.lock_query(claimed.ref.company_id, claimed.ref.conversation_id)


def fence_of(claimed: ClaimedTask) -> dict[str, Any]:
    """The parameters of `fence`."""
    return {"company_id": claimed.ref.company_id, "task_id": claimed.ref.task_id, "attempt": claimed.attempt}


def fence() -> tuple[ColumnElement[bool], ...]:
    """The conditions under which a worker may still write: the task is in progress and has its attempt number."""
    return (
        TASKS.c.company_id == bindparam("company_id"),
        TASKS.c.id == bindparam("task_id"),
        TASKS.c.attempts == bindparam("attempt"),
        TASKS.c.status == "in_progress",
    )


def _any_row(rows: list[Any]) -> bool:
    return bool(rows)


def _row_id(rows: list[Any]) -> UUID | None:
    return rows[0].id if rows else None


@prepared
def _journal() -> Any:
    return (
        update(TASKS)
        .where(*fence())
        .values(journal=bindparam("journal"), lease_until=bindparam("lease_until"))
        .returning(TASKS.c.id)
    )


@prepared
def _begin() -> Any:
    given = ("company_id", "id", "task_id", "tool_call_id", "tool", "args", "result", "ok")
    row = select(
        TASKS.c.company_id,
        bindparam("id", type_=TOOL_CALLS.c.id.type),
        TASKS.c.id,
        bindparam("tool_call_id", type_=Text()),
        bindparam("tool", type_=Text()),
        bindparam("args", type_=JSONB()),
        bindparam("result", {}, type_=JSONB()),
        false(),
        bindparam("now", type_=TOOL_CALLS.c.created_at.type),
        bindparam("now", type_=TOOL_CALLS.c.created_at.type),
    ).where(*fence())
    return (
        upsert(TOOL_CALLS)
        .from_select((*given, "created_at", "updated_at"), row, include_defaults=False)
        .on_conflict_do_nothing()
        .returning(TOOL_CALLS.c.id)
    )


@prepared
def _end() -> Any:
    return (
        update(TOOL_CALLS)
        .where(TOOL_CALLS.c.company_id == bindparam("company_id"), TOOL_CALLS.c.id == bindparam("call_id"))
        .values(result=bindparam("result"), inverse=bindparam("inverse"), ok=bindparam("ok"))
    )
