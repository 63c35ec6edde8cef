"""Whether the calls that ran are those that an expectation takes as right."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from itertools import permutations
from typing import Any, Final

from falachefe.language.types import JsonValue, ToolCall
from infra.local.evaluation.cases import ANY, Case, Expectation

NUMBERS: Final = ("amount", "salary", "months", "instalments", "limit")
MOMENTS: Final = ("at",)
"""Compared in the time zone of `now`, as far as the expectation says: a day, an hour or a minute."""


def verdict(case: Case, expected: Expectation, agent: str, calls: Sequence[ToolCall]) -> dict[str, bool]:
    """Right or wrong for `agent`, `tool` and `args`, as far as the expectation scores them."""
    marks: dict[str, bool] = {}
    if expected.agent != ANY:
        marks["agent"] = agent == expected.agent
    if expected.calls is not None:
        marks["tool"] = sorted(call.tool for call in calls) == sorted(call.tool for call in expected.calls)
        if any(call.args for call in expected.calls):
            marks["args"] = marks["tool"] and any(
                all(_call_matches(wanted.tool, wanted.args, got, case.now) for wanted, got in pairs)
                for pairs in _pairings(expected, calls)
            )
        return marks
    call = relevant(case, expected, calls)
    if expected.tool != ANY:
        marks["tool"] = (call.tool if call else None) == expected.tool
    if expected.args and expected.tool is not None:
        marks["args"] = call is not None and _args_match(expected.args, call.args, case.now)
    return marks


def relevant(case: Case, expected: Expectation, calls: Sequence[ToolCall]) -> ToolCall | None:
    """The call that satisfies the expectation when several ran, else the first."""
    tool = expected.tool
    matching = [call for call in calls if tool is not None and _call_matches(tool, expected.args, call, case.now)]
    return next(iter(matching or calls), None)


def _pairings(expected: Expectation, calls: Sequence[ToolCall]) -> Iterator[list[tuple[Any, ToolCall]]]:
    wanted = expected.calls or ()
    if len(wanted) > 7:  # 7! orders take milliseconds; longer lists are compared in their own order
        yield list(zip(wanted, calls, strict=True))
        return
    for order in permutations(calls):
        yield list(zip(wanted, order, strict=True))


def _call_matches(tool: str, args: dict[str, Any], got: ToolCall, now: datetime) -> bool:
    return got.tool == tool and _args_match(args, got.args, now)


def _args_match(expected: dict[str, Any], got: dict[str, JsonValue], now: datetime) -> bool:
    return all(name in got and _same(name, value, got[name], now) for name, value in expected.items())


def _same(name: str, expected: Any, got: JsonValue, now: datetime) -> bool:
    if name in NUMBERS:
        try:
            return Decimal(str(expected)) == Decimal(str(got))
        except InvalidOperation:
            return False
    if name in MOMENTS and isinstance(got, str):
        return _local(got, now).startswith(str(expected))
    return bool(expected == got)


def _local(moment: str, now: datetime) -> str:
    try:
        read = datetime.fromisoformat(moment)
    except ValueError:
        return moment
    return (read.astimezone(now.tzinfo) if read.tzinfo else read).replace(tzinfo=None).isoformat()
