"""A wrapper around every provider's model: prices its responses and skips it after a failure."""

from typing import Any

from pydantic_ai.exceptions import ModelAPIError
from pydantic_ai.messages import ModelMessage, ModelResponse
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.settings import ModelSettings

from falachefe.crews.agents.costs import Price, cost_usd


class ProviderModel(WrapperModel):
    """Prices each response, and refuses further requests in the same run once one has failed.

    Otherwise every step of the turn would wait for a provider that is down. One instance serves one run.
    """

    def __init__(self, model: Model[Any], price: Price) -> None:
        super().__init__(model)
        self._price = price
        self._failed = False

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        if self._failed:
            raise ModelAPIError(self.model_name, "left out: it failed earlier in this turn")
        self._failed = True  # until it has answered: a timeout cancels this call, which is a failure too
        response = await self.wrapped.request(messages, model_settings, model_request_parameters)
        self._failed = is_unusable(response)
        response.usage.cost = cost_usd(self._price, response.usage)
        return response


def is_unusable(response: ModelResponse) -> bool:
    """The provider's content filter stopped the response, or it is empty: the next model is tried."""
    return response.finish_reason == "content_filter" or not response.parts
