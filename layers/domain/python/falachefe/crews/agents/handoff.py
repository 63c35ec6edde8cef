"""A handoff as a model asks for it, and when it is refused."""

from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from falachefe.crews.tools.argument_types import Line
from falachefe.crews.turns.types import Role, TurnInput

HANDOFF: Final = "handoff"
"""The name of the output tool."""


class Handoff(BaseModel):
    """Give the turn to the agent whose work it is, after doing your own part."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    to: Literal["orchestrator", "financial", "marketing", "hr", "support"]
    reason: Line = Field(description="one short sentence: what is wanted")


def handoff_refusal(turn: TurnInput, to: Role) -> str | None:
    """Why this turn cannot be handed to the agent, or None."""
    if to == turn.role:
        return "You are that agent: answer yourself."
    if to not in turn.active_roles:
        return f"{to} is not active; active agents: {', '.join(sorted(turn.active_roles - {turn.role})) or 'none'}."
    return None
