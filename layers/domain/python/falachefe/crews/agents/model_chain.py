"""A crew's model configuration, the providers' clients, and the chain of models that is tried in order."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from falachefe.crews.agents.costs import Price, price_of
from falachefe.crews.turns.types import TurnInput
from falachefe.http.validation import field_errors
from falachefe.kernel.config import Settings
from falachefe.kernel.errors import InvalidInput, InvalidValue

if TYPE_CHECKING:
    from openai import AsyncOpenAI
    from pydantic_ai.models import Model
    from pydantic_ai.settings import ModelSettings
    from pydantic_ai.usage import UsageLimits

    from falachefe.crews.agents.offline_model import Engine, OfflineModel

OFFLINE: Final = "offline"
ModelName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/\-]{0,99}$")]


class ModelPrice(BaseModel):
    """US dollars per million tokens, for a model without a list price."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    input: Annotated[Decimal, Field(ge=0, le=1000)]
    output: Annotated[Decimal, Field(ge=0, le=1000)]


class ModelChoice(BaseModel):
    """One provider's model. A model without a list price needs one of its own, because budgets count costs."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    provider: Literal["offline", "openai", "bedrock"] = OFFLINE
    model: ModelName | None = None
    price: ModelPrice | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.provider == OFFLINE:
            return self
        if self.model is None:
            raise InvalidValue(f"Diga qual modelo de {self.provider} responde.")
        if self.price is None and price_of(self.provider, self.model) is None:
            raise InvalidValue(f"Não se conhece o preço de {self.model}: informe-o.")
        return self

    @property
    def key(self) -> str:
        return self.provider if self.provider == OFFLINE else f"{self.provider}:{self.model}"

    def cost(self) -> Price | None:
        if self.model is None:
            return None
        if self.price is None:
            return price_of(self.provider, self.model)
        return Price(self.price.input, self.price.output, self.price.input)


class LlmConfig(ModelChoice):
    """A crew's `llm_config`. The limits apply to one agent's part of a turn.

    Endpoints and keys belong to the deployment; a company cannot choose them.
    """

    temperature: Annotated[float, Field(ge=0, le=2)] = 0.2
    max_tokens: Annotated[int, Field(ge=64, le=4096)] = 800
    max_requests: Annotated[int, Field(ge=1, le=10)] = 6
    max_tool_calls: Annotated[int, Field(ge=1, le=20)] = 10
    max_total_tokens: Annotated[int, Field(ge=1000, le=200_000)] = 40_000
    timeout_s: Annotated[float, Field(ge=0.1, le=15)] = 8
    """Timeout of one request to one provider."""
    turn_timeout_s: Annotated[float, Field(ge=0.1, le=24)] = 20
    """Timeout of the whole run; the offline engine answers after it."""
    fallback: Annotated[tuple[ModelChoice, ...], Field(max_length=3)] = ()

    @property
    def choices(self) -> tuple[ModelChoice, ...]:
        """The providers' models in the order of trying; the offline engine always follows them."""
        return tuple(choice for choice in (self, *self.fallback) if choice.provider != OFFLINE)


def llm_config(raw: Mapping[str, Any]) -> LlmConfig:
    """Validates a crew's configuration. Raises `InvalidInput` naming the invalid fields."""
    try:
        return LlmConfig.model_validate(dict(raw))
    except ValidationError as error:
        errors = field_errors(error.errors(), whole="llm_config")
        raise InvalidInput(
            "A configuração do modelo não é válida.", code="llm_config_invalid", errors=errors
        ) from error


@dataclass(frozen=True)
class ProviderSettings(Settings):
    """How the deployment reaches the model providers."""

    model_secret_arn: str = ""
    """The secret's JSON holds `openai_api_key`, without which OpenAI is not used, and optionally `openai_base_url`."""
    bedrock_region: str = ""
    """Empty: Bedrock is not used."""
    bedrock_endpoint_url: str = ""


@dataclass(frozen=True)
class Providers:
    """Creates the providers' clients lazily and once, because their libraries are slow to import."""

    settings: ProviderSettings
    secret: Callable[[str], Mapping[str, Any]]
    """A secret's JSON by its ARN."""
    _made: dict[tuple[str, ...], "Model[Any]"] = field(default_factory=dict)
    _clients: list["AsyncOpenAI"] = field(default_factory=list)

    def model(self, choice: ModelChoice) -> "Model[Any] | None":
        """None when the deployment has no access to the provider."""
        if choice.provider == "openai":
            secret = self._model_secret()
            key, address = str(secret.get("openai_api_key") or ""), str(secret.get("openai_base_url") or "")
            # Key and address identify the client, so that a changed secret gets a new one.
            made = (choice.key, key, address)
            return self._kept(made, lambda: self._openai(choice, key, address)) if key else None
        if not self.settings.bedrock_region:
            return None
        return self._kept((choice.key,), lambda: self._bedrock(choice))

    def _model_secret(self) -> Mapping[str, Any]:
        """Empty when there is none or it cannot be read now: then the offline engine answers."""
        from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError  # noqa: PLC0415  # 280 ms, where no secret is read

        if not self.settings.model_secret_arn:
            return {}
        try:
            return self.secret(self.settings.model_secret_arn)
        except GetParameterError:
            return {}

    def close(self) -> None:
        """Closes the connections, for a process that continues without them. Lambda never calls it."""
        from falachefe.crews.agents.event_loop import run_coroutine  # noqa: PLC0415  # asyncio, which those who check settings do without

        while self._clients:
            run_coroutine(self._clients.pop().close())
        self._made.clear()

    def _kept(self, key: tuple[str, ...], make: Callable[[], "Model[Any]"]) -> "Model[Any]":
        if key not in self._made:
            self._made[key] = make()
        return self._made[key]

    def _openai(self, choice: ModelChoice, api_key: str, base_url: str) -> "Model[Any]":
        from openai import AsyncOpenAI  # noqa: PLC0415  # 570 ms, when a crew uses such a model
        from pydantic_ai.models.openai import OpenAIChatModel  # noqa: PLC0415  # the same
        from pydantic_ai.providers.openai import OpenAIProvider  # noqa: PLC0415  # 570 ms, when a crew uses such a model

        client = AsyncOpenAI(api_key=api_key, base_url=base_url or None, max_retries=0)
        self._clients.append(client)
        return OpenAIChatModel(str(choice.model), provider=OpenAIProvider(openai_client=client))

    def _bedrock(self, choice: ModelChoice) -> "Model[Any]":
        import boto3  # noqa: PLC0415  # 350 ms, when a crew uses such a model
        from botocore.config import Config  # noqa: PLC0415  # 120 ms, paid by the first client
        from pydantic_ai.models.bedrock import BedrockConverseModel  # noqa: PLC0415  # 350 ms, when a crew uses such a model
        from pydantic_ai.providers.bedrock import BedrockProvider  # noqa: PLC0415  # the same

        # boto3 blocks its thread while reading, even after the run has timed out, so it needs a timeout of its own.
        patience = Config(connect_timeout=2, read_timeout=15, retries={"total_max_attempts": 1})
        client = boto3.client(
            "bedrock-runtime",
            region_name=self.settings.bedrock_region,
            endpoint_url=self.settings.bedrock_endpoint_url or None,
            config=patience,
        )
        return BedrockConverseModel(str(choice.model), provider=BedrockProvider(bedrock_client=client))


@dataclass(frozen=True)
class ModelChain:
    """The models of one crew in the order of trying, the offline engine always last.

    `without` leaves models out before a run, for a circuit breaker or a budget.
    """

    config: LlmConfig
    choices: tuple[ModelChoice, ...]
    providers: Providers
    engine: "Engine"

    @classmethod
    def of(cls, config: LlmConfig, providers: Providers, engine: "Engine | None" = None) -> "ModelChain":
        return cls(config, config.choices, providers, engine or _engine())

    def without(self, keys: frozenset[str]) -> "ModelChain":
        """The chain without the models of these `ModelChoice.key`s."""
        kept = tuple(choice for choice in self.choices if choice.key not in keys)
        return ModelChain(self.config, kept, self.providers, self.engine)

    def offline(self, turn: TurnInput) -> "OfflineModel":
        from falachefe.crews.agents.offline_model import OfflineModel  # noqa: PLC0415  # pydantic-ai, which those who check settings do without

        return OfflineModel(self.engine, turn)

    def online(self) -> "list[Model[Any]]":
        """The providers' models for one run."""
        if not self.choices:
            return []
        from falachefe.crews.agents.provider_model import ProviderModel  # noqa: PLC0415  # pydantic-ai, which those who check settings do without

        made = [(self.providers.model(choice), choice.cost()) for choice in self.choices]
        return [ProviderModel(model, price) for model, price in made if model is not None and price is not None]

    @property
    def wants_provider(self) -> bool:
        """Whether the crew is configured for a provider: then an offline answer counts as degraded."""
        return bool(self.config.choices)

    def settings(self) -> "ModelSettings":
        config = self.config
        if not self.choices:
            return {}
        return {
            "temperature": config.temperature,
            "max_tokens": config.max_tokens,
            "request_timeout": config.timeout_s,
        }

    def limits(self) -> "UsageLimits":
        from pydantic_ai.usage import UsageLimits  # noqa: PLC0415  # pydantic-ai, which those who check settings do without

        return UsageLimits(
            request_limit=self.config.max_requests,
            tool_calls_limit=self.config.max_tool_calls,
            total_tokens_limit=self.config.max_total_tokens if self.choices else None,
        )


@cache
def _engine() -> "Engine":
    from falachefe.language import engine  # noqa: PLC0415  # 60 ms, paid by those who read text

    return engine
