"""The offline engine: reads pt-BR chat messages and decides what an agent does, without a network or a model."""

from falachefe.language.engine import (
    Analysis,
    Ask,
    CallTools,
    Decision,
    Handoff,
    JsonValue,
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
    "Handoff",
    "JsonValue",
    "Role",
    "Say",
    "Situation",
    "ToolCall",
    "Utterance",
    "analyze",
    "decide",
]
