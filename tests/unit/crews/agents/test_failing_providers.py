"""Providers that fail, do not stop or return invalid output: the user still gets one answer."""

from decimal import Decimal
from typing import Any

import pytest
from pydantic_ai.exceptions import ModelAPIError, ModelHTTPError
from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart, ToolCallPart
from pydantic_ai.models.function import AgentInfo
from pydantic_ai.usage import RequestUsage

from falachefe.crews.agents.run import DEGRADED_NOTE, run_agent
from tests.unit.crews.agents.support import (
    EXPENSE,
    MemoryJournal,
    MemoryToolbox,
    in_order,
    openai_chain,
    replied,
    turn,
    user_texts,
)

SPENT = "gastei 150 de gasolina"
CALL = ToolCallPart("add_expense", EXPENSE, tool_call_id="call-1")


@pytest.mark.parametrize(
    "failure",
    [
        ModelHTTPError(429, "gpt-4o-mini"),
        ModelHTTPError(500, "gpt-4o-mini"),
        ModelHTTPError(401, "gpt-4o-mini"),
        ModelAPIError("gpt-4o-mini", "connection refused"),
        ModelResponse(parts=[TextPart("x")], finish_reason="content_filter"),
        ModelResponse(parts=[]),
    ],
    ids=["429", "500", "401", "connection", "refusal", "empty"],
)
def test_the_offline_engine_takes_over_and_says_so(failure: Exception | ModelResponse) -> None:
    toolbox = MemoryToolbox()

    reply = replied(run_agent(turn(SPENT), MemoryJournal(), toolbox, openai_chain(in_order(failure))))

    assert reply.text == f"Feito: add_expense.\n\n{DEGRADED_NOTE}"
    assert (reply.degraded, reply.model) == (True, "offline")
    assert toolbox.tools == ["add_expense"]


def test_the_next_model_answers_before_the_offline_engine_does() -> None:
    chain = openai_chain(
        in_order(ModelHTTPError(503, "gpt-4o-mini")), in_order(ModelResponse(parts=[TextPart("Olá!")]))
    )

    reply = replied(run_agent(turn("oi"), MemoryJournal(), MemoryToolbox(), chain))

    assert (reply.text, reply.model, reply.degraded) == ("Olá!", "gpt-4o", False)


def test_when_a_provider_fails_after_its_tools_ran_the_offline_engine_answers_and_nothing_runs_twice() -> None:
    toolbox = MemoryToolbox()
    chain = openai_chain(in_order(ModelResponse(parts=[CALL]), ModelHTTPError(500, "gpt-4o-mini")))

    reply = replied(run_agent(turn(SPENT), MemoryJournal(), toolbox, chain))

    assert toolbox.applied == [("add_expense", "call-1", EXPENSE)]
    assert reply.text == f"Feito: add_expense.\n\n{DEGRADED_NOTE}"


def test_invalid_arguments_go_back_to_the_model() -> None:
    seen: list[str] = []

    def model(messages: list[ModelMessage], _info: AgentInfo) -> ModelResponse:
        seen.append(user_texts(messages))
        amount = "1,5 mil" if len(seen) == 1 else "1500"
        if len(seen) <= 2:
            return ModelResponse(parts=[ToolCallPart("add_expense", {**EXPENSE, "amount": amount})])
        return ModelResponse(parts=[TextPart("Anotado.")])

    toolbox = MemoryToolbox()
    reply = replied(run_agent(turn(SPENT), MemoryJournal(), toolbox, openai_chain(model)))

    assert [args["amount"] for _, _, args in toolbox.applied] == ["1500"]
    assert "amount" in seen[1]
    assert (reply.text, reply.degraded) == ("Anotado.", False)


@pytest.mark.parametrize("args", ["{not json", '{"amount": 1}', '{"amount": "NaN"}'])
def test_a_model_with_repeatedly_invalid_arguments_is_replaced(args: str) -> None:
    def model(_messages: list[ModelMessage], _info: AgentInfo) -> ModelResponse:
        return ModelResponse(parts=[ToolCallPart("add_expense", args)])

    toolbox = MemoryToolbox()
    reply = replied(run_agent(turn(SPENT), MemoryJournal(), toolbox, openai_chain(model)))

    assert reply.degraded
    assert toolbox.applied == [("add_expense", "offline-0-0", EXPENSE)]


@pytest.mark.parametrize("limit", [{"max_requests": 3}, {"max_tool_calls": 3}, {"max_total_tokens": 1000}])
def test_a_model_that_exceeds_a_limit_is_stopped_and_its_results_are_answered_once(limit: dict[str, Any]) -> None:
    asked = 0

    def model(_messages: list[ModelMessage], _info: AgentInfo) -> ModelResponse:
        nonlocal asked
        asked += 1
        call = ToolCallPart("add_expense", {**EXPENSE, "amount": str(asked)}, tool_call_id=f"call-{asked}")
        return ModelResponse(parts=[call], usage=RequestUsage(input_tokens=330, output_tokens=10))

    toolbox = MemoryToolbox()
    reply = replied(run_agent(turn(SPENT), MemoryJournal(), toolbox, openai_chain(model, **limit)))

    amounts = [args["amount"] for _, _, args in toolbox.applied]
    assert amounts == [str(n + 1) for n in range(len(amounts))]
    assert 2 <= len(amounts) <= 3
    assert reply.text == f"Feito: add_expense.\n\n{DEGRADED_NOTE}"


def test_cost_and_usage_cover_all_requests_of_the_task() -> None:
    def usage() -> RequestUsage:
        return RequestUsage(input_tokens=10_000, cache_read_tokens=5_000, output_tokens=1_000)

    refusal = ModelResponse(parts=[TextPart("não")], usage=usage(), finish_reason="content_filter")
    chain = openai_chain(
        in_order(ModelResponse(parts=[CALL], usage=usage()), refusal),
        in_order(ModelResponse(parts=[TextPart("Anotado.")], usage=usage())),
    )

    reply = replied(run_agent(turn(SPENT), MemoryJournal(), MemoryToolbox(), chain))

    mini = Decimal("0.00075") + Decimal("0.000375") + Decimal("0.0006")
    full = Decimal("0.0125") + Decimal("0.00625") + Decimal("0.01")
    assert reply.usage == {"input": 30_000, "output": 3_000, "total": 33_000, "requests": 3}
    assert reply.cost_usd == 2 * mini + full
    assert reply.model == "gpt-4o-mini+gpt-4o"


def test_the_usage_of_rejected_responses_is_counted() -> None:
    usage = RequestUsage(input_tokens=2_000, output_tokens=100)
    model = in_order(ModelResponse(parts=[TextPart("Anotado.")], usage=usage))

    reply = replied(
        run_agent(turn(SPENT), MemoryJournal(), MemoryToolbox(), openai_chain(model, max_total_tokens=1000))
    )

    assert reply.degraded
    assert reply.usage["total"] == 2_100
    assert reply.cost_usd == Decimal("0.00036")


def test_a_provider_that_failed_is_not_called_again_in_the_same_turn() -> None:
    asked: list[int] = []

    def down(messages: list[ModelMessage], _info: AgentInfo) -> ModelResponse:
        asked.append(len(messages))
        raise ModelHTTPError(500, "gpt-4o-mini")

    chain = openai_chain(down, in_order(ModelResponse(parts=[CALL]), ModelResponse(parts=[TextPart("Anotado.")])))
    reply = replied(run_agent(turn(SPENT), MemoryJournal(), MemoryToolbox(), chain))

    assert reply.text == "Anotado."
    assert len(asked) == 1
