"""A conversation in which each message leads to given tool calls, through the real turns and the real tools."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from falachefe.crews.tools.registry import run_tool
from falachefe.crews.tools.spec import ToolContext, ToolResult
from falachefe.crews.turns.run import TaskDependencies
from falachefe.crews.turns.tool_calls import ToolRunner
from falachefe.crews.turns.types import Journal, Reply, Toolbox, TurnInput
from falachefe.kernel.clock import local_date
from falachefe.kernel.ids import new_id
from tests.integration.crews.harness import TurnHarness

type Call = tuple[str, dict[str, Any]]


class Chat:
    """`say` is one message with its turn. `context` is that of the last tool call."""

    def __init__(self, crew: TurnHarness, *, contact: int = 0, run: ToolRunner = run_tool) -> None:
        self.crew = crew
        self.contact = contact
        self._run = run
        self.context: ToolContext | None = None
        self.turns: list[TurnInput] = []
        self._calls: tuple[Call, ...] = ()
        self._results: list[ToolResult] = []

    @property
    def today(self) -> date:
        """The company's date, which is not always that of the clock in UTC."""
        return local_date(self.crew.clock.now(), "America/Sao_Paulo")

    def say(self, *calls: Call, text: str = "mensagem") -> list[ToolResult]:
        """The results of the calls that the message leads to."""
        self._calls, self._results = calls, []
        crew = self.crew
        crew.dependencies = TaskDependencies(crew.database, crew.queues, crew.clock, self._agent, self._keep)
        crew.receive(text, str(new_id()), contact=self.contact)
        crew.drain()
        crew.wait(60)
        assert len(self._results) == len(calls)
        return self._results

    def do(self, tool: str, **args: Any) -> ToolResult:
        """The result of a message with one call."""
        [result] = self.say((tool, args))
        return result

    def _keep(self, name: str, args: Mapping[str, Any], context: ToolContext) -> ToolResult:
        self.context = context
        return self._run(name, args, context)

    def _agent(self, turn: TurnInput, journal: Journal, toolbox: Toolbox, _config: Mapping[str, Any]) -> Reply:
        self.turns.append(turn)
        journal.save([[tool, args] for tool, args in self._calls])
        self._results = [toolbox.call(tool, f"call-{n}", args) for n, (tool, args) in enumerate(self._calls)]
        text = "\n".join(result.message for result in self._results)
        return Reply(text or "…", Decimal(1), (), {}, Decimal(0), "scripted", degraded=False)
