"""Keeps an evaluation's cost below its limit, and remembers why a model did not answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from pydantic_ai.exceptions import ModelAPIError
from pydantic_ai.messages import ModelMessage, ModelMessagesTypeAdapter, ModelResponse
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.settings import ModelSettings

from falachefe.crews.agents.costs import MILLION, Price, cost_usd
from falachefe.crews.agents.model_chain import ModelChoice, Providers

_FRAMING: Final = 1_000
"""Tokens that a server may add around messages and tools."""


@dataclass
class Spending:
    """What was spent so far, in US dollars, against a limit."""

    limit: Decimal
    spent: Decimal = Decimal(0)
    refused: bool = False
    """A request was not sent, because it might have cost more than what was left."""
    last_error: str = ""

    def allows(self, most: Decimal) -> bool:
        self.refused = self.refused or self.spent + most > self.limit
        return not self.refused


class MeteredModel(WrapperModel):
    """Sends a request only if the most that it can cost is left."""

    def __init__(self, model: Model[Any], price: Price, spending: Spending) -> None:
        super().__init__(model)
        self._price = price
        self._spending = spending

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        most = highest_cost(self._price, messages, model_settings, model_request_parameters)
        if not self._spending.allows(most):
            raise ModelAPIError(self.model_name, "not sent: it might cost more than what is left of MAX_COST")
        try:
            response = await self.wrapped.request(messages, model_settings, model_request_parameters)
        except Exception as error:
            # A provider may charge for a request whose answer it could not give.
            self._spending.spent += most
            self._spending.last_error = f"{type(error).__name__}: {error}"[:300]
            raise
        self._spending.spent += cost_usd(self._price, response.usage)
        return response


def highest_cost(
    price: Price,
    messages: list[ModelMessage],
    settings: ModelSettings | None,
    parameters: ModelRequestParameters,
) -> Decimal:
    """An upper bound in US dollars: a token is at least one byte, and an answer has at most `max_tokens`."""
    tools = [*parameters.function_tools, *parameters.output_tools]
    described = sum(len(str((tool.name, tool.description, tool.parameters_json_schema)).encode()) for tool in tools)
    sent = len(ModelMessagesTypeAdapter.dump_json(messages)) + described + _FRAMING
    received = (settings or {}).get("max_tokens") or 0
    return (sent * price.input + received * price.output) / MILLION


@dataclass(frozen=True)
class MeteredProviders(Providers):
    """The deployment's providers, each model of which keeps to the spending limit."""

    spending: Spending | None = None

    def model(self, choice: ModelChoice) -> Model[Any] | None:
        made, price = super().model(choice), choice.cost()
        if made is None or price is None or self.spending is None:
            return made
        return MeteredModel(made, price, self.spending)


def providers_of(environ: Mapping[str, str], spending: Spending | None) -> MeteredProviders:
    """Providers with the credentials of the environment; a deployed function reads them from a secret."""
    from falachefe.crews.agents.model_chain import ProviderSettings

    secret = {name.lower(): environ.get(name, "") for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL")}
    settings = ProviderSettings.from_env({**environ, "MODEL_SECRET_ARN": "environment"})
    return MeteredProviders(settings, lambda _arn: secret, spending=spending)
