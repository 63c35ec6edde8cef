"""Executes API Gateway's mapping templates (VTL) with an engine that parses as Apache Velocity does."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import airspeed


@dataclass(frozen=True)
class Mapped:
    """The result of a mapping template: its text, and the status and headers that it overrides."""

    text: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class _Input:
    """`$input` of a mapping template, as far as the project's templates use it."""

    given: Mapping[str, Mapping[str, str]]

    def params(self) -> Mapping[str, Mapping[str, str]]:
        return self.given


@dataclass
class _Override:
    header: dict[str, str] = field(default_factory=dict)


def execute(template: str, headers: Mapping[str, str]) -> Mapped:
    """Raises when the text is not valid VTL. Header names keep the client's case."""
    override = _Override()
    context = {
        "input": _Input({"header": dict(headers), "querystring": {}, "path": {}}),
        "context": {"responseOverride": {"header": override.header}},
    }
    text = airspeed.Template(template).merge(context, None)
    return Mapped(text, override.header)
