"""The labelled cases of an evaluation set, as tests/eval/README.md describes them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from falachefe.language.types import Utterance
from infra.local.evaluation.json_lines import rows

ANY: Final = "any"


@dataclass(frozen=True, slots=True)
class Call:
    """A tool that must run, and those of its arguments that are scored."""

    tool: str
    args: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a case takes as right: one tool among those that ran, or exactly the `calls`.

    `tool` None: no tool may run. `any` for agent or tool is not scored.
    """

    agent: str
    tool: str | None
    args: dict[str, Any]
    calls: tuple[Call, ...] | None = None

    @property
    def wants_tool(self) -> bool:
        return bool(self.calls) or self.tool not in (None, ANY)

    def as_json(self) -> dict[str, Any]:
        if self.calls is None:
            return {"agent": self.agent, "tool": self.tool, "args": self.args}
        return {"agent": self.agent, "calls": [{"tool": call.tool, "args": call.args} for call in self.calls]}


@dataclass(frozen=True, slots=True)
class Case:
    id: str
    text: str
    now: datetime
    history: tuple[Utterance, ...]
    expect: Expectation
    accept: tuple[Expectation, ...] = ()
    """Other readings that are as right as `expect`."""
    kind: str | None = None


def read_cases(lines: Iterable[str]) -> list[Case]:
    """Cases of a JSON-lines file; blank lines are skipped, a bad line is named by its number."""
    return rows(lines, _case, "case")


def _case(data: dict[str, Any]) -> Case:
    now = datetime.fromisoformat(data["now"])
    if now.tzinfo is None:
        raise ValueError("now needs an offset")
    return Case(
        id=str(data["id"]),
        text=data["text"],
        now=now,
        history=tuple(
            Utterance("user" if said["from"] == "user" else "agent", said["text"]) for said in data.get("history") or ()
        ),
        expect=_expectation(data["expect"]),
        accept=tuple(_expectation(other) for other in data.get("accept") or ()),
        kind=data.get("kind"),
    )


def _expectation(data: dict[str, Any]) -> Expectation:
    calls = data.get("calls")
    if calls is not None and "tool" in data:
        raise ValueError("an expectation has either a tool or calls")
    return Expectation(
        agent=data.get("agent", ANY),
        tool=data.get("tool", ANY),
        args=data.get("args") or {},
        calls=None if calls is None else tuple(Call(call["tool"], call.get("args") or {}) for call in calls),
    )
