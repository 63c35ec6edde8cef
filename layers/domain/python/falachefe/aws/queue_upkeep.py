"""Maintenance of queues every minute, and an operator's commands on quarantined messages."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, Protocol
from uuid import UUID

from sqlalchemy import text, update

from falachefe.aws.failures import is_outage
from falachefe.db import quarantine
from falachefe.db.engine import Database
from falachefe.db.quarantine import QuarantinedMessage
from falachefe.kernel.errors import InvalidInput
from falachefe.kernel.observability.logs import logger

_MAX_RELEASED: Final = 100
type Gauge = Callable[[str, float], None]


class RawSender(Protocol):
    def send_raw(self, queue: str, body: str, *, group_id: str, deduplication_id: str) -> None: ...


def release(database: Database, queues: RawSender, now: datetime, errors: list[str]) -> int:
    """Sends released messages to their queue again and returns how many. A message that was sent but not deleted here
    is sent again within five minutes, when a FIFO queue drops it by its deduplication id.

    The class of each error is added to `errors`; it stops only the message's group. After an outage the message stays
    for the next run; one that its queue refuses is quarantined again.
    """
    with database.no_tenant() as session:
        due = quarantine.to_release(session, now, limit=_MAX_RELEASED)
    released, blocked = 0, set[tuple[str, str]]()
    for message in due:
        group = message.queue, message.group_id or message.message_id
        if group in blocked:
            continue
        name = f"released-{message.id}-{int(message.release_at.timestamp())}" if message.release_at else str(message.id)
        try:
            queues.send_raw(message.queue, message.body or "", group_id=message.group_id, deduplication_id=name)
        except Exception as error:  # noqa: BLE001  # reported in `errors`; the handler fails after the other messages
            logger().exception("a message was not released", queue=message.queue, error=type(error).__name__)
            errors.append(type(error).__name__)
            blocked.add(group)
            if not is_outage(error):
                with database.no_tenant() as session:
                    quarantine.keep(session, message.id)
            continue
        with database.no_tenant() as session:
            quarantine.discard(session, [message.id])
        released += 1
    return released


def measure(database: Database, gauge: Gauge, now: datetime) -> int:
    """Emits the age of the oldest waiting rows and the number of quarantined messages; returns the latter."""
    with database.no_tenant() as session:
        quarantine.forget_old_tries(session, now)
        count = quarantine.count_parked(session)
        oldest = session.execute(text("select * from directory.oldest_waiting()")).one()
    for name, at in (
        ("outbox_oldest_seconds", oldest.outbox_at),
        ("queued_oldest_seconds", oldest.queued_at),
        ("received_oldest_seconds", oldest.received_at),
        ("uncertain_oldest_seconds", oldest.uncertain_at),
    ):
        gauge(name, max(0.0, (now - at).total_seconds()) if at is not None else 0.0)
    gauge("messages_put_aside", count)
    return count


def operate(database: Database, order: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Runs an operator's command on quarantined messages; the runbook `stuck-queue.md` has examples.

    `list` returns them without bodies, `show` those of `ids` with bodies, `release` sends them to their queue again
    (one of them with a corrected `body`), `discard` deletes them. Messages are selected by `ids` or by `queue`.
    """
    actions = {"list": _list, "show": _show, "release": _release, "discard": _discard}
    action = actions.get(str(order.get("action")))
    if action is None:
        raise InvalidInput("A ação é list, show, release ou discard.", code="unknown_action")
    return action(database, order, now)


def _list(database: Database, order: Mapping[str, Any], _: datetime) -> dict[str, Any]:
    with database.no_tenant() as session:
        return {"messages": [_as_document(one) for one in quarantine.parked(session, queue=order.get("queue"))]}


def _show(database: Database, order: Mapping[str, Any], _: datetime) -> dict[str, Any]:
    with database.no_tenant() as session:
        found = quarantine.parked(session, ids=_ids(order))
        return {"messages": [_as_document(one) | {"body": one.body} for one in found]}


def _release(database: Database, order: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    with database.no_tenant() as session:
        ids = _chosen(database, order)
        values: dict[str, Any] = {"release_at": now}
        if order.get("body") is not None:
            if len(ids) != 1:
                raise InvalidInput("Um corpo novo é de uma mensagem só.", code="one_message_only")
            values["body"] = str(order["body"])
        session.execute(update(QuarantinedMessage).where(QuarantinedMessage.id.in_(ids)).values(**values))
    return {"released": [str(one) for one in ids]}


def _discard(database: Database, order: Mapping[str, Any], _: datetime) -> dict[str, Any]:
    ids = _chosen(database, order)
    with database.no_tenant() as session:
        return {"discarded": quarantine.discard(session, ids)}


def _chosen(database: Database, order: Mapping[str, Any]) -> list[UUID]:
    if not order.get("ids") and not order.get("queue"):
        raise InvalidInput("Diga quais: ids ou queue.", code="which_messages")
    with database.no_tenant() as session:
        return [one.id for one in quarantine.parked(session, queue=order.get("queue"), ids=_ids(order))]


def _ids(order: Mapping[str, Any]) -> list[UUID]:
    return [UUID(str(one)) for one in order.get("ids", ())]


def _as_document(message: QuarantinedMessage) -> dict[str, Any]:
    return {
        "id": str(message.id),
        "queue": message.queue,
        "message_id": message.message_id,
        "error": message.error,
        "attempts": message.attempts,
        "parked_at": message.parked_at.isoformat() if message.parked_at else None,
    }
