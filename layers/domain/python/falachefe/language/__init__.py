"""Offline pt-BR language engine: parses chat messages into intents and slots and decides an agent's next action.

It needs no network and no model.
"""

from falachefe.language.engine import (
    Analysis,
    Ask,
    CallTools,
    Decision,
    Facts,
    Handoff,
    JsonValue,
    OpenBill,
    Role,
    Say,
    Situation,
    ToolCall,
    Utterance,
    analyze,
    decide,
)

__all__ = [
    "Analysis",
    "Ask",
    "CallTools",
    "Decision",
    "Facts",
    "Handoff",
    "JsonValue",
    "OpenBill",
    "Role",
    "Say",
    "Situation",
    "ToolCall",
    "Utterance",
    "analyze",
    "decide",
]
