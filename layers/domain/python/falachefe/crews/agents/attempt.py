"""The state of one agent's part of a turn, shared by the two ways of running it: the engine alone, or a provider."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from pydantic_ai.messages import ModelMessage, ModelResponse

from falachefe.crews.agents import model_messages
from falachefe.crews.agents.model_chain import OFFLINE
from falachefe.crews.agents.offline_model import OfflineModel
from falachefe.crews.tools.spec import ToolResult
from falachefe.crews.turns.types import Journal, Toolbox, TurnInput


@dataclass(slots=True)
class Attempt:
    """`messages` are those of the run so far, `results` the tool results by call id."""

    turn: TurnInput
    journal: Journal
    toolbox: Toolbox
    offline: OfflineModel
    may_hand_off: bool
    messages: list[ModelMessage] = field(default_factory=list)
    results: dict[str, ToolResult] = field(default_factory=dict)

    def record(self, messages: Sequence[ModelMessage]) -> None:
        """Journals the messages up to a new response, the last one, before its tools run."""
        response = messages[-1]
        assert isinstance(response, ModelResponse)
        _make_call_ids_unique(messages, response)
        # An offline answer without calls is free and reproducible: it needs no write.
        if response.tool_calls or response.model_name != OFFLINE:
            self.journal.save(model_messages.dump(messages))


def _make_call_ids_unique(messages: Sequence[ModelMessage], response: ModelResponse) -> None:
    """Replaces a call id that occurred before in this task by the number of its response and its index.

    Providers repeat ids within a response and between responses. The toolbox would treat such a call as already
    done, and its result would be attached to the wrong call.
    """
    earlier = model_messages.responses(messages)
    known = {part.tool_call_id for one in earlier[:-1] for part in one.tool_calls}
    for index, part in enumerate(response.tool_calls):
        if part.tool_call_id in known:
            part.tool_call_id = f"r{len(earlier)}-{index}"
        known.add(part.tool_call_id)
