"""One provider's model as a link of a chain: what every request to it goes through, whatever the provider."""

from typing import Any

from pydantic_ai.exceptions import ModelAPIError
from pydantic_ai.messages import ModelMessage, ModelResponse
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.settings import ModelSettings

from falachefe.crews.agents.costs import Price, cost_usd


class Link(WrapperModel):
    """Prices each response, and stays out of the rest of the run once it has failed.

    A provider that is down would otherwise be waited for at every step of the turn. Made for one run.
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
        self._failed = True  # until it has answered: a deadline cancels this call, and that is a failure too
        response = await self.wrapped.request(messages, model_settings, model_request_parameters)
        self._failed = refused(response)
        response.usage.cost = cost_usd(self._price, response.usage)
        return response


def refused(response: ModelResponse) -> bool:
    """A provider's filter stopped the answer, or it came back empty: the next model may do better."""
    return response.finish_reason == "content_filter" or not response.parts
