"""The demo's clients: a phone that writes and waits for replies, and a reader of the company's rows."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

from sqlalchemy import Engine, text

from infra.local.front_door.conversation import Journal, StoredMessage, Turn
from infra.local.front_door.deliveries import Delivery, post_webhook
from infra.local.front_door.outgoing import call
from infra.local.front_door.payloads import Payload, new_message_id, webhook_payload
from infra.local.front_door.phones import canonical
from infra.local.front_door.stack import Company

# The first message starts a runtime for each function on its path; later ones take a second or two.
REPLY_SECONDS = 60.0
_POLL_SECONDS = 0.1
# How long no further message may arrive before the replies count as complete.
_QUIET_SECONDS = 0.7
_WAIT_SECONDS = 10.0
_MOST_WAITS = 7

# Only recent rows can be new in an exchange.
_RECENT = "where company_id = :company_id and created_at > now() - interval '15 minutes'"
_LEDGERS: Mapping[str, str] = {
    table: f"select id, to_jsonb({table}) as fields from {table} {_RECENT}"  # noqa: S608 - fixed names
    for table in (
        "transactions",
        "campaigns",
        "employees",
        "time_off_requests",
        "whatsapp_auth_logs",
        "messages",
    )
}

_NAMED = ("campaigns", "employees")

# Whether messages to or from the phone are still being processed.
_BUSY = text("""
    select count(*) from conversations v
      join contacts c on c.company_id = v.company_id and c.id = v.contact_id
     where v.company_id = :company_id and c.phone = :phone
       and (v.active_task_id is not null
            or exists (select 1 from messages m
                        where m.company_id = v.company_id and m.conversation_id = v.id and m.created_at >= :since
                          and (m.status in ('queued', 'sending')
                               or (m.direction = 'in' and m.status = 'received' and m.crew_task_id is null))))
""")


@dataclass(frozen=True)
class Reply:
    """One message that the phone received, with the turn behind it when the crew wrote it."""

    text: str
    at: datetime
    turn: Turn | None


@dataclass(frozen=True)
class Row:
    """One new row of a table."""

    table: str
    fields: Mapping[str, Any]


class DemoError(Exception):
    """The demo cannot continue; the message says why."""


class Phone:
    """Writes to the company from one number, and reads what the number received."""

    def __init__(self, front_door: str, company: Company, number: str, name: str) -> None:
        self.number = number
        self.name = name
        self._front_door = front_door.rstrip("/")
        self._company = company

    def payload(self, words: str, message_id: str | None = None) -> Payload:
        """A text of this phone as the provider would post it."""
        return webhook_payload(
            "text",
            self.number,
            words,
            token=self._company.instance_token,
            message_id=message_id or new_message_id(),
            at=datetime.now(UTC),
            sender_name=self.name,
            channel_phone=self._company.channel_phone,
        )

    def write(self, payloads: Sequence[Payload], on_wait: Callable[[str], None]) -> list[int]:
        """Posts webhooks in order and returns the status of each.

        Waits and retries when the phone's rate limit is reached, for example by an earlier run of the demo.
        """
        answers = self._post(payloads)
        for _ in range(_MOST_WAITS):
            refused = [index for index, status in enumerate(answers) if status == HTTPStatus.TOO_MANY_REQUESTS]
            if not refused:
                break
            on_wait(f"limite de mensagens por minuto: esperando {_WAIT_SECONDS:.0f} s")
            time.sleep(_WAIT_SECONDS)
            for index, status in zip(refused, self._post([payloads[one] for one in refused]), strict=True):
                answers[index] = status
        return answers

    def _post(self, payloads: Sequence[Payload]) -> list[int]:
        # One after the other, as a phone sends. In parallel, the second would start another runtime.
        deliveries = [Delivery(self._company.webhook_url, one, self._company.signing_secret) for one in payloads]
        return [post_webhook(one) for one in deliveries]

    def received(self) -> list[dict[str, Any]]:
        """Everything the product sent to this phone, oldest first."""
        url = f"{self._front_door}/provider/sent?phone={quote(self.number)}"
        try:
            answer = call("GET", url, (), b"", 10.0)
        except OSError as gone:
            raise DemoError(f"A porta de entrada não responde em {self._front_door}; rode `make up`.") from gone
        if answer.status != HTTPStatus.OK:
            raise DemoError(f"A porta de entrada respondeu {answer.status} a /provider/sent.")
        listed: list[dict[str, Any]] = json.loads(answer.body)
        return listed


class Ledger:
    """Reads the company's rows. Checks use new rows, never totals, so that the demo can be repeated."""

    def __init__(self, engine: Engine, journal: Journal, company_id: str) -> None:
        self._engine = engine
        self._journal = journal
        self._company_id = company_id

    def rows(self) -> dict[tuple[str, str], Row]:
        """Every row of the watched tables by table and id."""
        with self._engine.connect() as connection:
            return {
                (table, str(row.id)): Row(table, row.fields)
                for table, query in _LEDGERS.items()
                for row in connection.execute(text(query), {"company_id": UUID(self._company_id)})
            }

    def is_busy(self, phone: str, since: datetime) -> bool:
        """Whether a turn of this phone is running, or a message written since then is on its way."""
        asked = {"company_id": UUID(self._company_id), "phone": f"+{canonical(phone)}", "since": since}
        with self._engine.connect() as connection:
            return bool(connection.execute(_BUSY, asked).scalar_one())

    def contact(self, phone: str) -> Mapping[str, Any] | None:
        """The contact of that phone, once there is one."""
        query = text("select user_id, verified_at from contacts where company_id = :company_id and phone = :phone")
        asked = {"company_id": UUID(self._company_id), "phone": f"+{canonical(phone)}"}
        with self._engine.connect() as connection:
            row = connection.execute(query, asked).first()
        return None if row is None else dict(row._mapping)

    def conversation(self, phone: str) -> list[StoredMessage]:
        return self._journal.conversation(self._company_id, phone)

    def names(self, table: str) -> set[str]:
        """The names in use in `campaigns` or `employees`, in lower case."""
        queries = {one: text(f"select lower(name) from {one} where company_id = :company_id") for one in _NAMED}  # noqa: S608 - fixed names
        with self._engine.connect() as connection:
            return set(connection.scalars(queries[table], {"company_id": UUID(self._company_id)}))


@dataclass(frozen=True)
class Outcome:
    """The result of one or more webhooks posted together."""

    answers: Sequence[int]
    replies: Sequence[Reply]
    rows: Sequence[Row]

    @property
    def turns(self) -> list[Turn]:
        return [reply.turn for reply in self.replies if reply.turn is not None]


def converse(
    phone: Phone,
    ledger: Ledger,
    payloads: Sequence[Payload],
    on_reply: Callable[[Reply, float], None],
    on_wait: Callable[[str], None],
) -> Outcome:
    """Posts, reports each reply and the seconds it took to `on_reply`, and waits until the conversation is idle.

    Stops after `REPLY_SECONDS`; the outcome may then have no replies.
    """
    rows_before, heard, began = ledger.rows(), len(phone.received()), datetime.now(UTC)
    answers = phone.write(payloads, on_wait)
    started = time.monotonic()
    replies: list[Reply] = []
    quiet_since = 0.0
    while (waited := time.monotonic() - started) < REPLY_SECONDS:
        news = phone.received()[heard:]
        heard += len(news)
        for one in news:
            replies.append(_reply(one, ledger, phone))
            on_reply(replies[-1], waited)
        if news or not replies or ledger.is_busy(phone.number, began):
            quiet_since = waited
        if waited - quiet_since > _QUIET_SECONDS:
            break
        time.sleep(_POLL_SECONDS)
    rows = [row for key, row in ledger.rows().items() if key not in rows_before]
    return Outcome(answers, replies, rows)


def _reply(sent: Mapping[str, Any], ledger: Ledger, phone: Phone) -> Reply:
    stored = ledger.conversation(phone.number)
    turn = next((one.turn for one in reversed(stored) if one.id == sent["track_id"]), None)
    return Reply(str(sent["text"]), datetime.fromisoformat(str(sent["at"])), turn)
