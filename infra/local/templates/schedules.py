"""The periods of the alarm on scheduled runs that did not happen."""

import re
from collections.abc import Callable
from typing import Final

LEAST_S: Final = 300
"""A function that runs each minute may miss some runs during a deploy, or when Lambda is slow."""
MOST_S: Final = 86_400
"""Three periods of a day: CloudWatch evaluates at most seven days, and waits for a new alarm's data at most two."""
_UNITS_S: Final = {"minute": 60, "hour": 3_600, "day": 86_400}
_CHOICE: Final = re.compile(r"!If \[(\w+), (.+?), (.+)\]")


def heartbeat(schedule: str) -> dict[str, str]:
    """Placeholders of `heartbeat_alarm.yaml`. Raises `ValueError` for a schedule that no alarm can follow."""
    return {
        "period": _of_each(schedule, alarm_period_s),
        "warm_up": _of_each(schedule, lambda expression: 2 * alarm_period_s(expression) // 60),
    }


def alarm_period_s(expression: str) -> int:
    period = max(LEAST_S, interval_s(expression))
    if period > MOST_S:
        raise ValueError(f"{expression}: an alarm on missing runs cannot wait that long")
    return period


def interval_s(expression: str) -> int:
    """Seconds between two runs of a `rate(…)`, or of a `cron(…)` that runs once a day."""
    if rate := re.fullmatch(r"rate\((\d+) (minute|hour|day)s?\)", expression):
        return int(rate[1]) * _UNITS_S[rate[2]]
    if re.fullmatch(r"cron\(\d+ \d+ \* \* \? \*\)", expression):
        return _UNITS_S["day"]
    raise ValueError(f"{expression}: neither a rate nor one run a day")


def _of_each(schedule: str, value: Callable[[str], int]) -> str:
    """The value for each of the schedule's expressions, as YAML."""
    if choice := _CHOICE.fullmatch(schedule):
        condition, one, other = choice.groups()
        return f"!If [{condition}, {value(one)}, {value(other)}]"
    return str(value(schedule))
