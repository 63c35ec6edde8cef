"""The model of a server that speaks OpenAI's chat completions, in the place of the offline engine."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from infra.local.evaluation.scoring import Outcome

if TYPE_CHECKING:
    from infra.local.evaluation.deciders import AgentsDecider

_KEYLESS: Final = "none"
"""Sent where no key is given: a server on one's own machine asks for none, and the client wants one."""


class NotPossible(Exception):
    """The evaluation cannot be run like this; the message says why."""


@dataclass(frozen=True, slots=True)
class HostedModel:
    """Prices are in US dollars per million tokens; None means the list price."""

    name: str
    base_url: str
    api_key: str
    max_cost: Decimal | None
    input_price: Decimal | None = None
    output_price: Decimal | None = None

    def llm_config(self) -> dict[str, Any]:
        """A crew's configuration with this model, with as much patience as a crew may have."""
        config: dict[str, Any] = {"provider": "openai", "model": self.name, "timeout_s": 15, "turn_timeout_s": 24}
        if self.input_price is not None and self.output_price is not None:
            config["price"] = {"input": str(self.input_price), "output": str(self.output_price)}
        return config

    def decider(self) -> "AgentsDecider":
        """Raises `NotPossible` without a price or a limit."""
        from falachefe.crews.agents.costs import price_of
        from infra.local.evaluation.deciders import AgentsDecider
        from infra.local.evaluation.spending import Spending

        if (self.input_price is None) != (self.output_price is None):
            raise NotPossible("PRICE_IN and PRICE_OUT come together.")
        if self.input_price is None and price_of("openai", self.name) is None:
            raise NotPossible(f"{self.name} has no list price: give PRICE_IN and PRICE_OUT, 0 for one's own server.")
        if self.max_cost is None:
            raise NotPossible("MAX_COST is missing: the most that the run may cost, in US dollars.")
        environ = {"OPENAI_API_KEY": self.api_key or _KEYLESS, "OPENAI_BASE_URL": self.base_url}
        return AgentsDecider(environ, self.llm_config(), Spending(self.max_cost))


def usage(outcomes: Sequence[Outcome], decider: "AgentsDecider") -> dict[str, Any]:
    """Tokens, cost and time of a run. `spent_usd` includes the message at which the run stopped, and failed requests
    at the most that they may have cost."""
    handled = [outcome.handled for outcome in outcomes]
    count = max(len(handled), 1)
    seconds = sorted(outcome.seconds for outcome in outcomes) or [0.0]
    cost = sum((one.cost_usd for one in handled), Decimal(0))
    spending = decider.spending
    assert spending is not None
    return {
        "messages": len(handled),
        "input_tokens": sum(one.input_tokens for one in handled),
        "output_tokens": sum(one.output_tokens for one in handled),
        "tokens_per_message": round(sum(one.input_tokens + one.output_tokens for one in handled) / count),
        "cost_usd": float(cost),
        "cost_usd_per_message": float(round(cost / count, 6)),
        "spent_usd": float(spending.spent),
        "seconds_per_message": round(statistics.fmean(seconds), 3),
        "seconds_p95": round(seconds[int(0.95 * (len(seconds) - 1))], 3),
        "degraded": sum(one.degraded for one in handled),
        "last_error": spending.last_error,
        "stopped": spending.refused,
    }


def sentence(figures: Mapping[str, Any]) -> str:
    """The figures of `usage` for a person."""
    each = (
        f"{figures['messages']} messages: {figures['tokens_per_message']} tokens, "
        f"US$ {figures['cost_usd_per_message']:.6f} and {figures['seconds_per_message']:.2f} s each "
        f"(95 % within {figures['seconds_p95']:.2f} s); US$ {figures['cost_usd']:.4f} in all"
    )
    lines = [each]
    if figures["degraded"]:
        lines.append(
            f"the offline engine answered {figures['degraded']} of them, because the model did not"
            f" ({figures['last_error'] or 'it exceeded a limit'})"
        )
    if figures["stopped"]:
        lines.append("stopped: the next request might have cost more than what was left of MAX_COST")
    return "\n".join(lines)
