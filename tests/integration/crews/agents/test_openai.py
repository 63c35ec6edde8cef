"""The real OpenAI client and pydantic-ai's provider code, against a local stand-in of the API."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError
from pydantic_ai import models

from falachefe.crews.agents.model_chain import LlmConfig, ModelChain, Providers, ProviderSettings
from falachefe.crews.agents.run import DEGRADED_NOTE, HandoffRequest, Reply, run_agent
from infra.local.standins.openai import Answer, Responder, StandIn, call, decided, fail, say, standing_in
from tests.unit.crews.agents.support import (
    EXPENSE,
    Crash,
    MemoryJournal,
    MemoryToolbox,
    Past,
    ScriptedEngine,
    turn,
)

SPENT = "gastei 150 de gasolina"
SECRET = {"openai_api_key": "key-of-the-test"}


@pytest.fixture(autouse=True)
def _provider_code_may_run() -> Iterator[None]:
    with models.override_allow_model_requests(True):
        yield


def scripted(*answers: Answer) -> Responder:
    left = list(answers)
    return lambda _request: left.pop(0)


_opened: list[Providers] = []


def providers_at(base_url: str, secret: dict[str, str] | None = None) -> Providers:
    worker_holding_locks = SECRET if secret is None else secret
    made = Providers(
        ProviderSettings(model_secret_arn="models"), lambda _arn: {**worker_holding_locks, "openai_base_url": base_url}
    )
    _opened.append(made)
    return made


@pytest.fixture(autouse=True)
def _connections_are_closed() -> Iterator[None]:
    yield
    while _opened:
        _opened.pop().close()


@pytest.fixture
def openai() -> Iterator[Callable[[Responder], StandIn]]:
    running = []

    def start(respond: Responder) -> StandIn:
        context = standing_in(respond)
        running.append(context)
        return context.__enter__()

    yield start
    for context in running:
        context.__exit__(None, None, None)


def chain(server: StandIn, **config: Any) -> ModelChain:
    wanted = LlmConfig.model_validate({"provider": "openai", "model": "gpt-4o-mini", **config})
    return ModelChain.of(wanted, providers_at(server.base_url), ScriptedEngine())


def test_a_tool_call_goes_to_the_toolbox_and_its_result_back_to_the_model(
    openai: Callable[[Responder], StandIn],
) -> None:
    server = openai(scripted(call(("call_a", "add_expense", EXPENSE)), say("Anotado, Ana!")))
    toolbox = MemoryToolbox()
    past = (Past("user", "oi"), Past("agent", "Bom dia!"))

    reply = run_agent(turn(SPENT, history=past), MemoryJournal(), toolbox, chain(server))

    assert isinstance(reply, Reply)
    assert (reply.text, reply.model, reply.degraded) == ("Anotado, Ana!", "gpt-4o-mini", False)
    assert toolbox.applied == [("add_expense", "call_a", EXPENSE)]
    assert reply.usage == {"input": 240, "output": 60, "total": 300, "requests": 2}
    assert reply.cost_usd > 0
    first, second = server.requests
    assert [m["role"] for m in first["messages"]] == ["system", "user", "assistant", "user", "user"]
    assert first["messages"][-1]["content"] == SPENT
    assert (first["temperature"], first["max_completion_tokens"]) == (0.2, 800)
    assert "Feito: add_expense." in second["messages"][-1]["content"]
    assert set(server.keys) == {SECRET["openai_api_key"]}


def test_the_model_is_offered_the_roles_tools_and_the_handoff(openai: Callable[[Responder], StandIn]) -> None:
    server = openai(scripted(say("Olá!")))

    run_agent(turn("oi", role="hr"), MemoryJournal(), MemoryToolbox(), chain(server))

    tools = {tool["function"]["name"]: tool["function"]["parameters"] for tool in server.requests[0]["tools"]}
    assert sorted(tools) == [
        "add_employee",
        "handoff",
        "list_employees",
        "register_absence",
        "request_time_off",
        "undo",
    ]
    assert set(tools["request_time_off"]["properties"]) == {"employee", "start", "end"}
    assert set(tools["handoff"]["properties"]) == {"to", "reason"}


def test_parallel_calls_run_in_the_order_of_the_model(openai: Callable[[Responder], StandIn]) -> None:
    amounts = ["1", "2", "3"]
    calls = call(*((f"call_{a}", "add_expense", {**EXPENSE, "amount": a}) for a in amounts))
    server = openai(scripted(calls, say("Tudo anotado.")))
    toolbox = MemoryToolbox()

    run_agent(turn(SPENT), MemoryJournal(), toolbox, chain(server))

    assert [args["amount"] for _, _, args in toolbox.applied] == amounts


def test_a_handoff_is_structured(openai: Callable[[Responder], StandIn]) -> None:
    server = openai(scripted(call(("call_a", "handoff", {"to": "hr", "reason": "pede folga"}))))

    handoff = run_agent(turn("quero folga"), MemoryJournal(), MemoryToolbox(), chain(server))

    assert isinstance(handoff, HandoffRequest)
    assert (handoff.to, handoff.reason) == ("hr", "pede folga")


def test_a_call_beside_a_handoff_is_executed(openai: Callable[[Responder], StandIn]) -> None:
    both = call(("call_a", "add_expense", EXPENSE), ("call_b", "handoff", {"to": "hr", "reason": "pede folga"}))
    server = openai(scripted(both))
    toolbox = MemoryToolbox()

    handoff = run_agent(turn(f"{SPENT} e quero folga"), MemoryJournal(), toolbox, chain(server))

    assert isinstance(handoff, HandoffRequest)
    assert handoff.summary == "Feito: add_expense."
    assert toolbox.tools == ["add_expense"]


@pytest.mark.parametrize(
    "answer",
    [
        fail(429, retry_after="1"),
        fail(500),
        fail(401),
        fail(404),
        fail(400),
        Answer({"role": "assistant", "content": None, "refusal": "I cannot help with that."}),
        Answer({"role": "assistant", "content": ""}, finish_reason="content_filter"),
        replace(say("tarde demais"), delay_s=0.6),
    ],
    ids=["429", "500", "401", "404", "400", "refusal", "content filter", "timeout"],
)
def test_a_failing_provider_is_called_once_and_then_answered_offline(
    openai: Callable[[Responder], StandIn], answer: Answer
) -> None:
    server = openai(scripted(answer))
    toolbox = MemoryToolbox()

    reply = run_agent(turn(SPENT), MemoryJournal(), toolbox, chain(server, timeout_s=0.3))

    assert isinstance(reply, Reply)
    assert reply.text == f"Feito: add_expense.\n\n{DEGRADED_NOTE}"
    assert len(server.requests) == 1
    assert toolbox.tools == ["add_expense"]


def test_a_turn_that_exceeds_its_timeout_is_answered_offline(openai: Callable[[Responder], StandIn]) -> None:
    calls = [
        replace(call((f"call_{n}", "add_expense", {**EXPENSE, "amount": str(n)})), delay_s=0.25) for n in range(1, 9)
    ]
    server = openai(scripted(*calls))
    toolbox = MemoryToolbox()

    reply = run_agent(turn(SPENT), MemoryJournal(), toolbox, chain(server, timeout_s=2, turn_timeout_s=0.6))

    assert isinstance(reply, Reply)
    assert reply.degraded
    amounts = [args["amount"] for _, _, args in toolbox.applied]
    assert amounts == [str(n + 1) for n in range(len(amounts))]
    assert reply.text == f"Feito: add_expense.\n\n{DEGRADED_NOTE}"


def test_an_unreachable_provider_is_answered_offline(openai: Callable[[Responder], StandIn]) -> None:
    server = openai(scripted())
    providers = providers_at("http://127.0.0.1:9/v1")
    wanted = ModelChain.of(LlmConfig(provider="openai", model="gpt-4o-mini"), providers, ScriptedEngine())

    reply = run_agent(turn(SPENT), MemoryJournal(), MemoryToolbox(), wanted)

    assert isinstance(reply, Reply)
    assert reply.degraded
    assert server.requests == []


def unreadable(_arn: str) -> dict[str, str]:
    raise GetParameterError("secrets manager is away")


@pytest.mark.parametrize("secret", [lambda _arn: {}, unreadable], ids=["without a key", "unreadable"])
def test_without_a_key_the_offline_engine_answers(secret: Callable[[str], dict[str, str]]) -> None:
    providers = Providers(ProviderSettings(model_secret_arn="models"), secret)
    wanted = ModelChain.of(LlmConfig(provider="openai", model="gpt-4o-mini"), providers, ScriptedEngine())

    reply = run_agent(turn(SPENT), MemoryJournal(), MemoryToolbox(), wanted)

    assert isinstance(reply, Reply)
    assert reply.degraded


def test_malformed_arguments_go_back_to_the_model(openai: Callable[[Responder], StandIn]) -> None:
    server = openai(
        scripted(
            call(("call_a", "add_expense", '{"amount": "150", ')),
            call(("call_b", "add_expense", EXPENSE)),
            say("Anotado."),
        )
    )
    toolbox = MemoryToolbox()

    reply = run_agent(turn(SPENT), MemoryJournal(), toolbox, chain(server))

    assert isinstance(reply, Reply)
    assert toolbox.applied == [("add_expense", "call_b", EXPENSE)]
    assert reply.text == "Anotado."


def test_a_redelivered_task_sends_the_recorded_call_with_its_id(openai: Callable[[Responder], StandIn]) -> None:
    server = openai(scripted(call(("call_a", "add_expense", EXPENSE)), say("Anotado.")))
    journal, toolbox = MemoryJournal(), MemoryToolbox(crash_after=0)
    with pytest.raises(Crash):
        run_agent(turn(SPENT), journal, toolbox, chain(server))
    toolbox.crash_after = None

    reply = run_agent(turn(SPENT), journal, toolbox, chain(server))

    assert isinstance(reply, Reply)
    assert reply.text == "Anotado."
    assert [call_id for _, call_id, _ in toolbox.asked] == ["call_a", "call_a"]
    assert len(toolbox.applied) == 1
    assert server.requests[1]["messages"][-2]["tool_calls"][0]["id"] == "call_a"
    assert server.requests[1]["messages"][0]["role"] == "system"


def test_a_rotated_key_is_used_from_the_next_turn_on(openai: Callable[[Responder], StandIn]) -> None:
    server = openai(scripted(say("um"), say("dois")))
    secret = {"openai_api_key": "old"}
    providers = providers_at(server.base_url, secret)
    wanted = LlmConfig(provider="openai", model="gpt-4o-mini")

    for key in ("old", "new"):
        secret["openai_api_key"] = key
        run_agent(turn("oi"), MemoryJournal(), MemoryToolbox(), ModelChain.of(wanted, providers, ScriptedEngine()))

    assert server.keys == ["old", "new"]


def test_the_openai_stand_in_decides_like_a_model(openai: Callable[[Responder], StandIn]) -> None:
    server = openai(decided)
    toolbox = MemoryToolbox({})

    reply = run_agent(turn(SPENT), MemoryJournal(), toolbox, chain(server))

    assert isinstance(reply, Reply)
    assert not reply.degraded
    assert [(tool, args["amount"], args["category"]) for tool, _, args in toolbox.applied] == [
        ("add_expense", "150.00", "combustivel")
    ]
    assert reply.text == "Feito: add_expense."
