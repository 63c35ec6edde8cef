"""How a company wants people to be spoken to reaches the model as a fact; how to do so is in its instructions."""

import pytest
from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart
from pydantic_ai.models.function import AgentInfo

from falachefe.crews.agents.definitions import instructions_of
from falachefe.crews.agents.run import run_agent
from tests.unit.crews.agents.support import MemoryJournal, MemoryToolbox, openai_chain, turn, user_texts


@pytest.mark.parametrize(("tone", "said"), [("warm", False), ("formal", True)])
def test_the_model_is_told_of_a_tone_that_is_not_the_usual_one(tone: str, said: bool) -> None:
    seen: list[str] = []

    def model(messages: list[ModelMessage], _info: AgentInfo) -> ModelResponse:
        seen.append(user_texts(messages))
        return ModelResponse(parts=[TextPart("Pois não.")])

    run_agent(turn("bom dia", tone=tone), MemoryJournal(), MemoryToolbox(), openai_chain(model))

    assert ('"tone": "formal"' in seen[0]) is said
    assert '`tone` "formal"' in instructions_of("support", may_hand_off=True)
