"""Clients of a running stack: phones behind the WhatsApp provider, HTTP requests, and queries of the database."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPConnection
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import UUID, uuid4

from sqlalchemy import Engine, text

from infra.local.front_door.payloads import new_message_id, webhook_payload

REPLY_S = 60.0
QUIET_S = 2.0


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def http(
    method: str, url: str, body: bytes | Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None
) -> Answer:
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=60)
    raw = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else b""
    try:
        connection.request(
            method,
            f"{parts.path}?{parts.query}" if parts.query else parts.path,
            raw,
            {"Content-Type": "application/json", **(headers or {})},
        )
        response = connection.getresponse()
        return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
    finally:
        connection.close()


@dataclass
class DemoCompany:
    """The demo company of a running stack."""

    stack: Mapping[str, Any]
    engine: Engine
    phones_made: int = 0

    @property
    def demo(self) -> Mapping[str, Any]:
        demo: Mapping[str, Any] = self.stack["demo"]
        return demo

    @property
    def company_id(self) -> UUID:
        return UUID(self.demo["company_id"])

    def url(self, path: str) -> str:
        return f"{self.stack['front_door'].rstrip('/')}{path}"

    def rows(self, statement: str, **values: Any) -> list[dict[str, Any]]:
        with self.engine.connect() as connection:
            answer = connection.execute(text(statement), {"company": self.company_id, **values})
            return [dict(row) for row in answer.mappings()]

    def write_row(self, statement: str, **values: Any) -> None:
        with self.engine.begin() as connection:
            connection.execute(text(statement), {"company": self.company_id, **values})

    def new_number(self) -> str:
        self.phones_made += 1
        return f"+55119{int(time.time()) % 1_000_00:05}{self.phones_made:03}"

    def outsider(self) -> "Phone":
        return Phone(self, self.new_number())

    def staff(self, role: str, name: str = "Bia") -> "Phone":
        """The phone of a new user of the company, signed in by the code that it received."""
        phone = self.outsider()
        self.write_row(
            "insert into users (company_id, id, name, phone, role, email) "
            "values (:company, :id, :name, :phone, :role, :email)",
            id=uuid4(), name=name, phone=phone.number, role=role, email=f"{uuid4().hex}@example.com",
        )  # fmt: skip
        phone.write("oi")
        phone.write(phone.code())
        phone.received(2)
        return phone


@dataclass
class Phone:
    demo_company: DemoCompany
    number: str
    read_count: int = field(default=0)

    def payload(self, words: str, *, message_id: str | None = None, kind: Any = "text") -> dict[str, Any]:
        return dict(
            webhook_payload(
                kind, self.number, words, token=self.demo_company.demo["instance_token"],
                message_id=message_id or new_message_id(), at=datetime.now(UTC),
            )
        )  # fmt: skip

    def post(self, payload: Mapping[str, Any]) -> Answer:
        return http("POST", self.demo_company.demo["webhook_url"], payload)

    def write(self, words: str, *, message_id: str | None = None) -> None:
        answer = self.post(self.payload(words, message_id=message_id))
        assert answer.status == 200, answer.body

    def sent(self) -> list[dict[str, Any]]:
        listed: list[dict[str, Any]] = http(
            "GET", self.demo_company.url(f"/provider/sent?phone={quote(self.number)}")
        ).json
        return listed

    def received(self, count: int = 1) -> list[str]:
        """Waits for `count` new messages and until the conversation is idle; fails when there are more or fewer."""
        until(lambda: len(self.sent()) >= self.read_count + count, f"{count} messages to arrive")
        until(self._at_rest, "the conversation to rest")
        time.sleep(QUIET_S)
        news = [one["text"] for one in self.sent()[self.read_count :]]
        self.read_count += len(news)
        assert len(news) == count, news
        return news

    def ask(self, words: str) -> str:
        self.write(words)
        return self.received()[0]

    def code(self) -> str:
        """The newest one-time code in the messages that the phone received."""
        until(lambda: any(_digits(one["text"]) for one in self.sent()), "a code")
        return next(code for one in reversed(self.sent()) if (code := _digits(one["text"])))

    def _at_rest(self) -> bool:
        busy = self.demo_company.rows(
            """select 1 from conversations v join contacts c on c.company_id = v.company_id and c.id = v.contact_id
               where c.company_id = :company and c.phone = :phone and (v.active_task_id is not null or exists (
                   select 1 from messages m where m.company_id = v.company_id and m.conversation_id = v.id
                   and m.status in ('queued', 'sending')))""",
            phone=self.number,
        )
        return not busy


def until(true: Callable[[], bool], what: str, seconds: float = REPLY_S, *, every: float = 0.2) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s for {what}"
        time.sleep(every)


def _digits(words: str) -> str | None:
    candidates = ["".join(filter(str.isdigit, word)) for word in words.replace("*", " ").split()]
    return next((word for word in candidates if len(word) == 6), None)
