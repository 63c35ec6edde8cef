"""Cost of model responses in US dollars.

List prices per million tokens, from genai-prices 0.2.3 as of 2026-11-22 (openai: standard tier; bedrock: regional
endpoints, the more expensive ones). A crew may configure an unlisted model only with a price of its own, because a
budget cannot count a model without one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Protocol

MILLION: Final = Decimal(1_000_000)
MICRO_DOLLAR: Final = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per million tokens; `cached` is for input read from the provider's cache."""

    input: Decimal
    output: Decimal
    cached: Decimal


class TokenUsage(Protocol):
    """`input_tokens` includes the cached ones."""

    @property
    def input_tokens(self) -> int: ...
    @property
    def output_tokens(self) -> int: ...
    @property
    def cache_read_tokens(self) -> int: ...


def _price(input_: str, output: str, cached: str) -> Price:
    return Price(Decimal(input_), Decimal(output), Decimal(cached))


PRICES: Final[Mapping[str, Price]] = {
    "openai:gpt-4.1": _price("2", "8", "0.5"),
    "openai:gpt-4.1-mini": _price("0.4", "1.6", "0.1"),
    "openai:gpt-4.1-nano": _price("0.1", "0.4", "0.025"),
    "openai:gpt-4o": _price("2.5", "10", "1.25"),
    "openai:gpt-4o-mini": _price("0.15", "0.6", "0.075"),
    "openai:gpt-5": _price("1.25", "10", "0.125"),
    "openai:gpt-5-mini": _price("0.25", "2", "0.025"),
    "openai:gpt-5-nano": _price("0.05", "0.4", "0.005"),
    "openai:gpt-5.1": _price("1.25", "10", "0.125"),
    "openai:gpt-5.2": _price("1.75", "14", "0.175"),
    "openai:gpt-5.4-mini": _price("0.75", "4.5", "0.075"),
    "openai:gpt-5.4-nano": _price("0.2", "1.25", "0.02"),
    "bedrock:amazon.nova-micro-v1:0": _price("0.035", "0.14", "0.00875"),
    "bedrock:amazon.nova-lite-v1:0": _price("0.06", "0.24", "0.015"),
    "bedrock:amazon.nova-pro-v1:0": _price("0.8", "3.2", "0.2"),
    "bedrock:amazon.nova-2-lite-v1:0": _price("0.33", "2.75", "0.0825"),
    "bedrock:anthropic.claude-haiku-4-5-20251001-v1:0": _price("1.1", "5.5", "0.11"),
    "bedrock:anthropic.claude-sonnet-4-5-20250929-v1:0": _price("3.3", "16.5", "0.33"),
}
_REGIONS: Final = ("us.", "eu.", "apac.", "global.", "sa.")


def price_of(provider: str, model: str) -> Price | None:
    """The list price; a Bedrock inference profile (`us.amazon.…`) has the price of its model."""
    name = model
    if provider == "bedrock":
        name = next((model.removeprefix(region) for region in _REGIONS if model.startswith(region)), model)
    return PRICES.get(f"{provider}:{name}")


def cost_usd(price: Price, usage: TokenUsage) -> Decimal:
    """Rounded to micro-dollars, the precision of `crew_tasks.cost_usd`."""
    cached = min(usage.cache_read_tokens, usage.input_tokens)
    fresh = usage.input_tokens - cached
    total = fresh * price.input + cached * price.cached + usage.output_tokens * price.output
    return (total / MILLION).quantize(MICRO_DOLLAR)
