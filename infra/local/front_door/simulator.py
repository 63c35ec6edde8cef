"""The chat page and its JSON API: the messages of a phone, with the tasks and tools behind them."""

import mimetypes
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from threading import Lock
from typing import Any

from infra.local.front_door.conversation import Journal, StoredMessage
from infra.local.front_door.deliveries import Delivery, post_webhook
from infra.local.front_door.payloads import new_message_id, webhook_payload
from infra.local.front_door.phones import canonical, same_phone
from infra.local.front_door.provider import Provider, Sent
from infra.local.front_door.provider_api import iso
from infra.local.front_door.stack import Company, Stack
from infra.local.front_door.web import Request, Response, json_response, problem

_KEPT_LINES = 5_000
_LONGEST_TEXT = 20_000
# The page brings the id itself, so that a message is known by it before any answer.
_MESSAGE_ID = re.compile("3EB0[0-9A-F]{18}")


@dataclass(frozen=True)
class Line:
    """One message that the page posted as a webhook, with what the webhook answered."""

    company_id: str
    phone: str
    text: str
    at: datetime
    messageid: str
    answer: int


class Simulator:
    """Routes `/simulator…`."""

    def __init__(self, read_stack: Callable[[], Stack], provider: Provider, journal: Journal, folder: Path) -> None:
        self._read_stack = read_stack
        self._provider = provider
        self._journal = journal
        self._folder = folder
        self._lock = Lock()
        self._lines: deque[Line] = deque(maxlen=_KEPT_LINES)

    def __call__(self, request: Request) -> Response:
        match request.method, request.path:
            case "GET" | "HEAD", "/simulator" | "/simulator/":
                return self._file("simulator.html")
            case "GET", "/simulator/companies":
                return self._companies()
            case "GET", "/simulator/conversation":
                return self._conversation(request)
            case "POST", "/simulator/send":
                return self._send(request)
            case "GET" | "HEAD", path if path.startswith("/simulator/page/"):
                return self._file(path.removeprefix("/simulator/page/"))
            case _:
                return problem(HTTPStatus.NOT_FOUND, "not_found", "Esse caminho não existe no simulador.")

    def _file(self, name: str) -> Response:
        # Only names that the folder lists are served, so that no path leads out of it.
        if name not in {one.name for one in self._folder.iterdir() if one.is_file()}:
            return problem(HTTPStatus.NOT_FOUND, "not_found", "Esse arquivo não existe no simulador.")
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        headers = (
            ("Content-Type", f"{kind}; charset=utf-8"),
            ("Cache-Control", "no-cache"),
            ("Content-Security-Policy", "default-src 'self'; img-src 'self' data:; base-uri 'none'"),
        )
        return Response(HTTPStatus.OK, (self._folder / name).read_bytes(), headers)

    def _companies(self) -> Response:
        companies = [self._journal.company(one) for one in self._read_stack().companies]
        return json_response([_company_json(one) for one in companies])

    def _send(self, request: Request) -> Response:
        try:
            document = request.json()
        except ValueError:
            return problem(HTTPStatus.BAD_REQUEST, "bad_json", "O corpo precisa ser um objeto JSON.")
        company = self._read_stack().company(document.get("company_id"))
        if company is None:
            return _no_company()
        phone, text = canonical(str(document.get("phone") or "")), str(document.get("text") or "")
        if not 10 <= len(phone) <= 15:
            return problem(
                HTTPStatus.UNPROCESSABLE_ENTITY, "bad_phone", "Informe um telefone com DDD, como 11 98765-4321."
            )
        if not text.strip() or len(text) > _LONGEST_TEXT:
            return problem(
                HTTPStatus.UNPROCESSABLE_ENTITY, "bad_text", "Escreva uma mensagem de até 20.000 caracteres."
            )
        messageid = document.get("messageid")
        if messageid is not None and not _MESSAGE_ID.fullmatch(str(messageid)):
            return problem(
                HTTPStatus.UNPROCESSABLE_ENTITY, "bad_messageid", "O id da mensagem não tem a forma do WhatsApp."
            )
        line = self._post(company, phone, text, messageid or new_message_id())
        return json_response({"messageid": line.messageid, "webhook_status": line.answer, "at": iso(line.at)})

    def _post(self, company: Company, phone: str, text: str, messageid: str) -> Line:
        at = datetime.now(UTC)
        payload = webhook_payload(
            "text",
            phone,
            text,
            token=company.instance_token,
            message_id=messageid,
            at=at,
            sender_name=_name_of(self._journal.company(company), phone),
            channel_phone=company.channel_phone,
        )
        answer = post_webhook(Delivery(company.webhook_url, payload, company.signing_secret))
        line = Line(company.company_id, phone, text, at, messageid, answer)
        with self._lock:
            self._lines.append(line)
        return line

    def _conversation(self, request: Request) -> Response:
        company = self._read_stack().company(request.query("company_id"))
        if company is None:
            return _no_company()
        phone = request.query("phone") or ""
        if not canonical(phone):
            return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "bad_phone", "Informe o telefone da conversa.")
        with self._lock:
            lines = [
                one for one in self._lines if one.company_id == company.company_id and same_phone(one.phone, phone)
            ]
        sent = [one for one in self._provider.statuses(phone) if same_phone(one.owner, company.channel_phone)]
        stored = self._journal.conversation(company.company_id, phone)
        return json_response({"messages": timeline(stored, lines, sent)})


def timeline(stored: list[StoredMessage], lines: list[Line], sent: list[Sent]) -> list[dict[str, Any]]:
    """Joins what is stored with what went over the wire, each message once, oldest first.

    The wire alone knows sign-in codes and refused messages; the database alone knows who answered, and what
    was said before this process started.
    """
    by_provider_id = {one.messageid: one for one in lines}
    entries = []
    for message in stored:
        line = by_provider_id.pop(_bare(message.provider_message_id), None) if message.direction == "in" else None
        pieces = [one for one in sent if one.track_id == message.id] if message.direction == "out" else []
        entries.append(_stored_entry(message, line, pieces))
    joined = {_bare(one.provider_message_id) for one in stored} | {one.id for one in stored}
    entries += [_line_entry(one) for one in by_provider_id.values()]
    entries += [_sent_entry(one) for one in sent if not joined & {one.messageid, one.track_id}]
    return sorted(entries, key=lambda entry: str(entry["at"]))


def _bare(provider_message_id: str | None) -> str:
    return (provider_message_id or "").rpartition(":")[2]


def _stored_entry(message: StoredMessage, line: Line | None, pieces: list[Sent]) -> dict[str, Any]:
    """`pieces` are the sends of one reply: more than one when it was too long for a single message."""
    delivery = pieces[-1] if pieces else None
    status = ("answered" if message.answered else "stored") if message.direction == "in" else message.status
    if delivery is not None and status in {"sent", "queued", "sending", "uncertain"}:
        status = delivery.status
    at = line.at if line is not None else delivery.at if delivery is not None else message.at
    entry: dict[str, Any] = {
        # The wire's id where there is one, so that a bubble keeps its identity once it is stored.
        "id": (_bare(message.provider_message_id) if message.direction == "in" else "") or message.id,
        "direction": message.direction,
        "text": pieces[0].text if len(pieces) == 1 else message.text,
        "at": iso(at),
        "status": status,
    }
    if message.turn is not None:
        entry["role"] = message.turn.role
        entry["milliseconds"] = message.turn.milliseconds
        entry["tools"] = [
            {"role": one.role, "tool": one.tool, "args": one.args, "ok": one.ok} for one in message.turn.tools
        ]
        entry["handoffs"] = [
            {"from": one.source, "to": one.target, "reason": one.reason} for one in message.turn.handoffs
        ]
    return entry


def _line_entry(line: Line) -> dict[str, Any]:
    status = "accepted" if line.answer == HTTPStatus.OK else "refused"
    entry = {"id": line.messageid, "direction": "in", "text": line.text, "at": iso(line.at), "status": status}
    return entry if status == "accepted" else {**entry, "webhook_status": line.answer}


def _sent_entry(sent: Sent) -> dict[str, Any]:
    identity = sent.track_id or sent.messageid
    return {"id": identity, "direction": "out", "text": sent.text, "at": iso(sent.at), "status": sent.status}


def _company_json(company: Company) -> dict[str, Any]:
    return {
        "company_id": company.company_id,
        "name": company.name,
        "channel_phone": company.channel_phone,
        "people": [vars(one) for one in company.people],
    }


def _name_of(company: Company, phone: str) -> str:
    return next((one.name for one in company.people if same_phone(one.phone, phone)), "Visitante")


def _no_company() -> Response:
    return problem(HTTPStatus.SERVICE_UNAVAILABLE, "stack_not_running", "A pilha local não está no ar; rode `make up`.")
