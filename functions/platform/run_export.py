"""Worker of exports.fifo: writes the file of one export."""

from typing import Any

from falachefe.app import runtime
from falachefe.app.export_registry import exportable
from falachefe.app.workers import queue_worker
from falachefe.aws.worker import Delivery
from falachefe.exports.runs import Exporter


def exporter() -> Exporter:
    return Exporter(runtime.database(), runtime.files, runtime.publisher, runtime.clock(), exportable)


def process(payload: dict[str, Any], _: Delivery) -> None:
    exporter()(payload)


def give_up(payload: dict[str, Any], error: str) -> None:
    exporter().give_up(payload, error)


handler = queue_worker("exports", process, give_up=give_up)
