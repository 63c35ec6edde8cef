"""outbound.fifo: to the provider."""

from functools import cache
from typing import Any

from falachefe import runtime
from falachefe.auth.whatsapp_codes import Codes
from falachefe.aws.backoff import with_backoff
from falachefe.aws.batch import SqsAttributes, fifo_batch
from falachefe.aws.clients import client
from falachefe.aws.emf import emit
from falachefe.aws.limits import SlidingLimit
from falachefe.whatsapp.outbound import Sender
from falachefe.whatsapp.providers.registry import provider


@cache
def sender() -> Sender:
    return Sender(
        database=runtime.database(),
        publisher=runtime.publisher(),
        providers=provider,
        secret=runtime.secret,
        codes=lambda: Codes(runtime.pepper()),
        limits=SlidingLimit(runtime.table("LIMITS_TABLE")),
        clock=runtime.clock(),
        count=emit,
    )


def process(letter: dict[str, Any], _: SqsAttributes) -> None:
    sender()(letter)


handler = with_backoff(
    fifo_batch(process),
    sqs=lambda: client("sqs"),
    queue_url=lambda: runtime.queue_url("outbound"),
    delays=(5, 15, 45, 135),
)
