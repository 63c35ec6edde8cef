"""A scripted engine, providers made of functions, and a journal and toolbox in memory."""

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic_ai.messages import ModelMessage, ModelResponse
from pydantic_ai.models import Model
from pydantic_ai.models.function import AgentInfo, FunctionModel

from falachefe.crews.agents.model_chain import LlmConfig, ModelChain, ModelChoice, Providers, ProviderSettings
from falachefe.crews.agents.offline_model import Engine
from falachefe.crews.tools.spec import ToolResult
from falachefe.crews.turns.types import ROLES, HandoffRequest, Reply, Role, TurnInput
from falachefe.language.types import (
    CallTools,
    Decision,
    Handoff,
    Say,
    Situation,
    ToolCall,
)

NOW = datetime(2026, 11, 10, 9, 30, tzinfo=ZoneInfo("America/Sao_Paulo"))
EXPENSE = {"amount": "150", "description": "gasolina", "category": "combustivel", "date": "2026-11-10"}


def expense(amount: str = "150") -> ToolCall:
    return ToolCall("add_expense", {**EXPENSE, "amount": amount})


class ScriptedEngine:
    """Decides by the script; other texts are small talk. Records its calls."""

    def __init__(self, script: Mapping[str, Decision] | None = None) -> None:
        self.script = dict(script or {"gastei 150 de gasolina": CallTools((expense(),))})
        self.asked: list[tuple[Role, str, Situation]] = []

    def decide(self, role: Role, text: str, situation: Situation) -> Decision:
        self.asked.append((role, text, situation))
        return self.script.get(text, Say(f"Entendi: {text}."))


class HandsOffEngine(ScriptedEngine):
    """Hands every text over to the role named in it."""

    def decide(self, role: Role, text: str, situation: Situation) -> Decision:
        wanted = next((r for r in ROLES if r in text), None)
        return Handoff(wanted, text) if wanted and wanted != role else super().decide(role, text, situation)


@dataclass
class MemoryJournal:
    messages: list[Any] = field(default_factory=list)
    saved: int = 0
    """Number of writes."""

    def load(self) -> list[Any]:
        return deepcopy(self.messages)

    def save(self, messages: list[Any]) -> None:
        self.messages = deepcopy(messages)
        self.saved += 1


class Crash(Exception):
    """Simulates a worker that crashes."""


@dataclass
class MemoryToolbox:
    """Executes every call id once and returns its result again, like the real toolbox."""

    answers: Mapping[str, ToolResult] = field(default_factory=dict)
    crash_before: int | None = None
    crash_after: int | None = None
    """Crashes before or after applying the call of this number (from 0)."""
    applied: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    asked: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    results: dict[str, ToolResult] = field(default_factory=dict)

    def call(self, tool: str, tool_call_id: str, args: dict[str, Any]) -> ToolResult:
        self.asked.append((tool, tool_call_id, args))
        if tool_call_id in self.results:
            return self.results[tool_call_id]
        number = len(self.applied)
        if self.crash_before == number:
            raise Crash
        self.applied.append((tool, tool_call_id, args))
        self.results[tool_call_id] = self.answers.get(tool, ToolResult(True, f"Feito: {tool}."))
        if self.crash_after == number:
            raise Crash
        return self.results[tool_call_id]

    @property
    def tools(self) -> list[str]:
        return [tool for tool, _, _ in self.applied]


@dataclass(frozen=True)
class Past:
    speaker: Literal["user", "agent"]
    text: str


def turn(*texts: str, role: Role = "financial", **changes: Any) -> TurnInput:
    values: dict[str, Any] = {
        "history": (),
        "now": NOW,
        "company_name": "Padaria do Chefe",
        "sender_name": "Ana Souza",
        "sender_kind": "staff",
        "active_roles": frozenset(ROLES),
    }
    return TurnInput(role=role, texts=texts, **{**values, **changes})


type Script = Callable[[list[ModelMessage], AgentInfo], ModelResponse]


class ScriptedProviders(Providers):
    """Providers whose models are functions, by model name."""

    def __init__(self, **scripts: Script) -> None:
        super().__init__(ProviderSettings(), lambda _name: {})
        object.__setattr__(self, "scripts", scripts)

    def model(self, choice: ModelChoice) -> Model[Any]:
        name = str(choice.model)
        script: Script = getattr(self, "scripts")[name.replace("-", "_").replace(".", "_")]  # noqa: B009  # set on a frozen class
        return FunctionModel(_async(script), model_name=name)


def _async(script: Script) -> Any:
    async def answer(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        return script(messages, info)

    return answer


def offline_chain(engine: Engine | None = None) -> ModelChain:
    return ModelChain.of(LlmConfig(), ScriptedProviders(), engine or ScriptedEngine())


def openai_chain(*scripts: Script, engine: ScriptedEngine | None = None, **config: Any) -> ModelChain:
    """A chain of up to two providers' models (`gpt-4o-mini`, then `gpt-4o`) before the offline engine."""
    names = ("gpt-4o-mini", "gpt-4o")[: len(scripts)]
    fallback = [{"provider": "openai", "model": name} for name in names[1:]]
    wanted = LlmConfig.model_validate({"provider": "openai", "model": names[0], "fallback": fallback, **config})
    by_name = {name.replace("-", "_"): script for name, script in zip(names, scripts, strict=True)}
    return ModelChain.of(wanted, ScriptedProviders(**by_name), engine or ScriptedEngine())


def in_order(*responses: ModelResponse | Exception) -> Script:
    """A model that returns these responses in order and fails the test when called again."""
    left = list(responses)

    def answer(_messages: list[ModelMessage], _info: AgentInfo) -> ModelResponse:
        response = left.pop(0)
        if isinstance(response, Exception):
            raise response
        return response

    return answer


def user_texts(messages: Sequence[ModelMessage]) -> str:
    return "\n".join(str(part) for message in messages for part in message.parts)


def replied(result: Reply | HandoffRequest) -> Reply:
    assert isinstance(result, Reply)
    return result


def handed(result: Reply | HandoffRequest) -> HandoffRequest:
    assert isinstance(result, HandoffRequest)
    return result
