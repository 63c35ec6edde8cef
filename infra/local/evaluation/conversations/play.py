"""Plays conversations, each in a fresh company, and judges replies and rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from infra.local.evaluation.conversations.checks import ZONE, Row, reply_faults, row_faults
from infra.local.evaluation.conversations.company import Company, Product, path_of
from infra.local.evaluation.conversations.placeholders import filled
from infra.local.evaluation.conversations.script import Conversation, Turn

_RESOURCE: Final = {"time_off": "time-off"}
"""Members of `setup` and `state` are names of resources of the REST API, but for these."""
_NOT_RESOURCES: Final = ("people", "contacts")
_BETWEEN_TURNS: Final = timedelta(minutes=1)


class SetupFailed(Exception):
    """The company could not be prepared; the message says why."""


@dataclass(slots=True)
class Played:
    conversation: Conversation
    transcript: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @property
    def right(self) -> bool:
        return not self.faults


def play(product: Product, conversation: Conversation) -> Played:
    """Sends every turn and compares the replies and, afterwards, the rows. What goes wrong is a fault, not an error."""
    played = Played(conversation)
    product.clock.at = conversation.now
    moment = (conversation.now or datetime.now(UTC)).astimezone(ZONE)
    company = product.company(filled(conversation.setup.get("people", []), moment))
    try:
        _prepare(company, filled(conversation.setup, moment), moment)
    except SetupFailed as failed:
        played.faults.append(f"setup: {failed}")
        return played
    for place, turn in enumerate(conversation.turns):
        product.clock.at = _time_of(conversation, turn, place)
        _say(company, turn, moment, played)
    played.faults += _state_faults(company, conversation.state, moment)
    return played


def _time_of(conversation: Conversation, turn: Turn, place: int) -> datetime | None:
    """A conversation at a moment of its own goes on by the minute; others are played now."""
    return turn.now or (conversation.now and conversation.now + place * _BETWEEN_TURNS)


def _say(company: Company, turn: Turn, moment: datetime, played: Played) -> None:
    text = filled(turn.text, moment)
    who = company.person(turn.sender)
    answer = who.call("POST", "/v1/crews/process", {"message": text})
    played.transcript.append(f"{who.name}: {text}")
    if answer.status != 200:
        played.transcript.append(f"  HTTP {answer.status}: {answer.body}")
        played.faults.append(f"{text!r}: HTTP {answer.status}")
        return
    done = [call for call in answer.body["tools"] if call["ok"]]
    played.transcript.append(f"  {answer.body['agent']} [{_shown(answer.body['tools'])}]: {answer.body['reply']}")
    expected = Turn(text, contains=_filled(turn.contains, moment), lacks=_filled(turn.lacks, moment), tools=turn.tools)
    faults = reply_faults(expected, answer.body["reply"], [call["tool"] for call in done])
    faults += _state_faults(company, turn.state, moment)
    played.faults += [f"{_start(text)!r}: {fault}" for fault in faults]


def _start(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"


def _filled(words: tuple[tuple[str, ...], ...], moment: datetime) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(filled(word, moment) for word in alternatives) for alternatives in words)


def _shown(calls: Sequence[Mapping[str, Any]]) -> str:
    return "; ".join(f"{call['tool']}{'' if call['ok'] else ' (refused)'} {call['args']}" for call in calls)


def _state_faults(company: Company, state: Mapping[str, Any], moment: datetime) -> list[str]:
    faults: list[str] = []
    for name, expected in filled(dict(state), moment).items():
        try:
            faults += row_faults(name, expected, _rows(company, _RESOURCE.get(name, name)))
        except SetupFailed as failed:
            faults.append(f"{name}: {failed}")
    return faults


def _rows(company: Company, resource: str) -> list[Row]:
    """All rows of a resource that the owner sees."""
    path = path_of(resource)
    if path is None:
        raise SetupFailed(f"the API has no {resource}")
    rows: list[Row] = []
    query = {"limit": "100"}
    while True:
        answer = company.owner.call("GET", path, query=query)
        if answer.status != 200:
            raise SetupFailed(f"GET {path} answered {answer.status}: {answer.body}")
        rows += answer.body["data"]
        cursor = (answer.body.get("pagination") or {}).get("next_cursor")
        if not cursor:
            return rows
        query = {"limit": "100", "cursor": cursor}


def _prepare(company: Company, setup: Mapping[str, Any], moment: datetime) -> None:
    for place, contact in enumerate(setup.get("contacts", [])):
        company.add_contact(
            contact.get("phone", f"+55119700{place:05d}"),
            contact["name"],
            verified_days=contact.get("verified_days", 200),
            wrote_days=contact.get("wrote_days", 3),
            now=moment,
        )
    # Employees come before what refers to them.
    names = sorted(set(setup) - set(_NOT_RESOURCES), key=lambda name: name != "employees")
    for name in names:
        for row in setup[name]:
            _create(company, _RESOURCE.get(name, name), dict(row), moment)


def _create(company: Company, resource: str, row: Row, moment: datetime) -> None:
    path = path_of(resource)
    if path is None:
        raise SetupFailed(f"the API has no {resource}")
    if resource == "employees":
        row.setdefault("hired_on", (moment.date() - timedelta(days=100)).isoformat())
        if "user" in row:
            row["user_id"] = str(company.person(row.pop("user")).principal.user_id)
    if "employee" in row:
        row["employee_id"] = _employee_id(company, row.pop("employee"))
    who = company.person(row.pop("by", None))
    answer = who.call("POST", path, row)
    if answer.status != 201:
        raise SetupFailed(f"POST {path} answered {answer.status}: {answer.body}")


def _employee_id(company: Company, name: str) -> str:
    found = next((row["id"] for row in _rows(company, "employees") if row["name"] == name), None)
    if found is None:
        raise SetupFailed(f"no employee is called {name}")
    return str(found)
