"""Runs an agent with the crew's model configuration and the deployment's providers."""

import json
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

from falachefe.crews.agents.model_chain import ModelChain, Providers, ProviderSettings, llm_config
from falachefe.crews.agents.run import run_agent
from falachefe.crews.turns.types import HandoffRequest, Journal, Reply, Toolbox, TurnInput
from falachefe.kernel.errors import InvalidInput
from falachefe.kernel.observability.logs import logger


def answer(
    turn: TurnInput, journal: Journal, toolbox: Toolbox, raw_config: Mapping[str, Any]
) -> Reply | HandoffRequest:
    """Runs the turn on the models that the crew configured. See `run_agent`."""
    return run_agent(turn, journal, toolbox, _chain(json.dumps(raw_config, sort_keys=True)))


@lru_cache(maxsize=256)
def _chain(raw_config: str) -> ModelChain:
    return chain_for(json.loads(raw_config), _providers())


def chain_for(raw_config: Mapping[str, Any], providers: Providers) -> ModelChain:
    """The crew's models. With an invalid stored configuration the crew answers with the offline engine."""
    try:
        config = llm_config(raw_config)
    except InvalidInput as error:
        logger().error("a crew's llm_config is not valid", fields=[item.field for item in error.errors])
        config = llm_config({})
    return ModelChain.of(config, providers)


@cache
def _providers() -> Providers:
    from falachefe.app import runtime  # noqa: PLC0415  # evaluation and benchmarks use this module without the runtime's settings

    return Providers(ProviderSettings.from_env(), runtime.secret)
