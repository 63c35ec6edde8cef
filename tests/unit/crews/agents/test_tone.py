"""A company's tone is passed to the model as a fact in the context; the instructions say how to apply it."""

import pytest
from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart
from pydantic_ai.models.function import AgentInfo

from falachefe.crews.agents.definitions import instructions_of
from falachefe.crews.agents.run import run_agent
from tests.unit.crews.agents.support import MemoryJournal, MemoryToolbox, openai_chain, turn, user_texts


@pytest.mark.parametrize(("tone", "said"), [("warm", False), ("formal", True)])
def test_a_tone_other_than_the_default_is_in_the_models_context(tone: str, said: bool) -> None:
    seen: list[str] = []

    def model(messages: list[ModelMessage], _info: AgentInfo) -> ModelResponse:
        seen.append(user_texts(messages))
        return ModelResponse(parts=[TextPart("Pois não.")])

    run_agent(turn("bom dia", tone=tone), MemoryJournal(), MemoryToolbox(), openai_chain(model))

    assert ('"tone": "formal"' in seen[0]) is said
    assert '`tone` "formal"' in instructions_of("support", may_hand_off=True)
