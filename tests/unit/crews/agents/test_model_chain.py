"""A crew's model configuration, the cost of responses, and which models are tried."""

from decimal import Decimal
from typing import Any

import pytest
from pydantic_ai.messages import ModelResponse, TextPart
from pydantic_ai.usage import RequestUsage

from falachefe.app import agent_models
from falachefe.crews.agents.costs import cost_usd, price_of
from falachefe.crews.agents.model_chain import LlmConfig, Providers, ProviderSettings, llm_config
from falachefe.crews.agents.run import Reply, run_agent
from falachefe.kernel.errors import InvalidInput
from tests.unit.crews.agents.support import (
    MemoryJournal,
    MemoryToolbox,
    ScriptedEngine,
    ScriptedProviders,
    in_order,
    openai_chain,
    turn,
)


def test_without_a_configuration_the_offline_engine_answers() -> None:
    config = llm_config({})

    assert config.provider == "offline"
    assert config.choices == ()


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        ({"provider": "azure"}, "provider"),
        ({"provider": "openai"}, "llm_config"),
        ({"provider": "openai", "model": "a-model-without-a-price"}, "llm_config"),
        ({"provider": "openai", "model": "gpt-4o\nX-Evil: 1"}, "model"),
        ({"provider": "openai", "model": "gpt-4o", "temperature": 3}, "temperature"),
        ({"provider": "openai", "model": "gpt-4o", "turn_timeout_s": 60}, "turn_timeout_s"),
        ({"provider": "openai", "model": "gpt-4o", "base_url": "https://evil.example"}, "base_url"),
        ({"provider": "openai", "model": "gpt-4o", "api_key": "k"}, "api_key"),
        ({"provider": "openai", "model": "gpt-4o", "fallback": [{"provider": "bedrock"}]}, "fallback.0"),
        ({"provider": "openai", "model": "gpt-4o", "price": {"input": -1, "output": 1}}, "price.input"),
    ],
)
def test_an_invalid_configuration_names_its_field(raw: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        llm_config(raw)

    assert refused.value.code == "llm_config_invalid"
    assert [error.field for error in refused.value.errors] == [field]


def test_the_offline_engine_is_not_listed_among_the_providers_models() -> None:
    config = llm_config(
        {
            "provider": "openai",
            "model": "gpt-4o",
            "fallback": [{"provider": "bedrock", "model": "us.amazon.nova-lite-v1:0"}, {"provider": "offline"}],
        }
    )

    assert [choice.key for choice in config.choices] == ["openai:gpt-4o", "bedrock:us.amazon.nova-lite-v1:0"]


def test_a_model_may_have_a_configured_price() -> None:
    config = llm_config({"provider": "openai", "model": "ours", "price": {"input": "1", "output": "2"}})
    price = config.cost()

    assert price is not None
    usage = RequestUsage(input_tokens=1_000_000, output_tokens=500_000)
    assert cost_usd(price, usage) == Decimal("2.000000")


def test_cached_input_costs_less() -> None:
    price = price_of("openai", "gpt-4o-mini")
    assert price is not None

    fresh = cost_usd(price, RequestUsage(input_tokens=100_000, output_tokens=0))
    cached = cost_usd(price, RequestUsage(input_tokens=100_000, cache_read_tokens=100_000))

    assert (fresh, cached) == (Decimal("0.015000"), Decimal("0.007500"))


def test_an_inference_profile_has_the_price_of_its_model() -> None:
    assert price_of("bedrock", "us.amazon.nova-lite-v1:0") == price_of("bedrock", "amazon.nova-lite-v1:0")
    assert price_of("openai", "us.gpt-4o") is None


def test_a_model_that_is_left_out_is_not_called() -> None:
    answer = ModelResponse(parts=[TextPart("Olá!")])
    chain = openai_chain(in_order(), in_order(answer)).without(frozenset({"openai:gpt-4o-mini"}))

    reply = run_agent(turn("oi"), MemoryJournal(), MemoryToolbox(), chain)

    assert isinstance(reply, Reply)
    assert (reply.text, reply.model) == ("Olá!", "gpt-4o")


def test_leaving_out_all_models_is_the_degraded_mode() -> None:
    chain = openai_chain(in_order()).without(frozenset({"openai:gpt-4o-mini"}))

    reply = run_agent(turn("oi"), MemoryJournal(), MemoryToolbox(), chain)

    assert isinstance(reply, Reply)
    assert (reply.model, reply.degraded) == ("offline", True)


def test_a_crews_limits_do_not_apply_to_the_offline_engine() -> None:
    config = LlmConfig(max_requests=1, max_tool_calls=1)
    chain = openai_chain(in_order()).of(config, ScriptedProviders(), ScriptedEngine())

    reply = run_agent(turn("gastei 150 de gasolina"), MemoryJournal(), MemoryToolbox(), chain)

    assert isinstance(reply, Reply)
    assert reply.text == "Feito: add_expense."


def test_a_stored_configuration_that_became_invalid_falls_back_to_the_offline_engine() -> None:
    chain = agent_models.chain_for(
        {"provider": "openai", "model": "retired"}, Providers(ProviderSettings(), lambda _: {})
    )

    assert chain.choices == ()
    assert not chain.wants_provider
