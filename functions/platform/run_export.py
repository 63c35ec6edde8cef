"""exports.fifo: writes the file of one export."""

from typing import Any

from falachefe.app import runtime
from falachefe.app.workers import queue_worker
from falachefe.aws.worker import Delivery
from falachefe.exports.runs import Exporter


def exporter() -> Exporter:
    return Exporter(runtime.database(), runtime.files, runtime.publisher, runtime.clock())


def process(letter: dict[str, Any], _: Delivery) -> None:
    exporter()(letter)


def give_up(letter: dict[str, Any], error: str) -> None:
    exporter().give_up(letter, error)


handler = queue_worker("exports", process, give_up=give_up)
