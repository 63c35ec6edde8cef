"""docs/observability.md names every metric and every alarm, and none that does not exist."""

import re
from typing import Final

from infra.local.paths import ROOT
from tests.unit.docs.paths import PACKAGE

TEXT: Final = (ROOT / "docs" / "observability.md").read_text()
CODE: Final = [*ROOT.glob("layers/domain/python/falachefe/**/*.py"), *ROOT.glob("functions/*/*.py")]
TEMPLATES: Final = [*ROOT.glob("functions/*/*.yaml"), *ROOT.glob("infra/*.yaml")]
_EACH: Final = re.compile(
    r"^(?:(?:[a-z-]|\$\{AgentRole\})+(-dlq-not-empty|-dlq-expires)|[a-z]+(-api-faults|-api-slow))$"
)


def table(heading: str) -> set[str]:
    part = TEXT.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    cells = [line.split("|")[1] for line in part.splitlines() if line.startswith("| `")]
    return {name for cell in cells for name in re.findall(r"`([^`]+)`", cell)}


def alarms() -> set[str]:
    """By their names without the stage, or by their logical ids where CloudFormation names them."""
    found = set()
    for template in TEMPLATES:
        for resource in re.split(r"\n(?=  \w+:\n)", template.read_text()):
            if "Type: AWS::CloudWatch::Alarm" in resource:
                name = re.search(r"AlarmName: !Sub falachefe-\$\{Stage\}-(\S+)", resource)
                found.add(name[1] if name else resource.split(":", 1)[0].strip())
    return found


def watched_queues() -> set[str]:
    """Names of alarms on the age of a queue's oldest message."""
    named = re.compile(r"AlarmName: !Sub falachefe-\$\{Stage\}-(\S+-old)\n(?:.*\n){1,3}?.*MetricName: ApproximateAge")
    return {name for template in TEMPLATES for name in named.findall(template.read_text())}


def generic(alarm: str) -> str:
    if alarm in watched_queues():
        return "<queue>-old"
    each = _EACH.match(alarm)
    if each is None:
        return alarm
    return f"<queue>{each[1]}" if each[1] else f"<api>{each[2]}"


def test_every_counter_is_described() -> None:
    emitted = {name for file in CODE for name in re.findall(r'"([a-z_]+_total)"', file.read_text())}
    assert table("Metrics") == emitted


def test_every_gauge_is_described() -> None:
    upkeep = (PACKAGE / "aws" / "queue_upkeep.py").read_text()
    gauges = {*re.findall(r'"([a-z_]+_seconds)"', upkeep), *re.findall(r'gauge\("([a-z_]+)"', upkeep)}
    assert gauges
    assert all(f"`{name}`" in TEXT for name in gauges)


def test_every_alarm_is_described() -> None:
    assert table("Alarms") == {generic(alarm) for alarm in alarms()}
