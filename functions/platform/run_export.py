"""exports.fifo: writes the file of one export."""

from typing import Any

from falachefe import runtime
from falachefe.aws.backoff import with_backoff
from falachefe.aws.batch import SqsAttributes, fifo_batch
from falachefe.aws.clients import client
from falachefe.platform.export_runs import Exporter


def process(letter: dict[str, Any], attributes: SqsAttributes) -> None:
    exporter = Exporter(runtime.database(), runtime.files, runtime.publisher, runtime.clock())
    exporter(letter, attributes.deliveries)


handler = with_backoff(
    fifo_batch(process),
    sqs=lambda: client("sqs"),
    queue_url=lambda: runtime.queue_url("exports"),
    delays=(30, 300),
)
