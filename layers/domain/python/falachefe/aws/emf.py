"""CloudWatch metrics as JSON lines in the embedded metric format. Powertools' Metrics is much slower to import."""

import json
from dataclasses import dataclass
from datetime import datetime

from falachefe.kernel.config import Settings
from falachefe.kernel.observability.tracing import TRACE_ID, trace_id


@dataclass(frozen=True)
class MetricSettings(Settings):
    powertools_service_name: str = "falachefe"
    powertools_metrics_namespace: str = "Falachefe"
    stage: str = ""


def metric_line(name: str, now: datetime, value: float = 1, /, *, unit: str = "Count", **dimensions: str) -> str:
    """An EMF record of a value. Dimensions have few possible values, never a phone, a user or a company."""
    settings = MetricSettings.from_env()
    tags = {"service": settings.powertools_service_name, **dimensions}
    definition = {
        "Namespace": settings.powertools_metrics_namespace,
        "Dimensions": [list(tags)],
        "Metrics": [{"Name": name, "Unit": unit}],
    }
    stamp = {"Timestamp": int(now.timestamp() * 1000), "CloudWatchMetrics": [definition]}
    trace = trace_id()
    seen_with = {} if trace is None else {TRACE_ID: trace}  # a property, not a dimension: searchable, not charged
    return json.dumps({"_aws": stamp, **tags, **seen_with, name: value}, separators=(",", ":"))


def emit(name: str, now: datetime, value: int = 1, /, **dimensions: str) -> None:
    print(metric_line(name, now, value, **dimensions), flush=True)  # CloudWatch reads EMF from stdout


def emit_gauge(name: str, now: datetime, value: float) -> None:
    """A gauge; the name of a duration ends in `_seconds`."""
    unit = "Seconds" if name.endswith("_seconds") else "Count"
    print(metric_line(name, now, value, unit=unit, stage=MetricSettings.from_env().stage), flush=True)
