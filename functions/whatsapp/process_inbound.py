"""inbound.fifo: sign in, store the message, open or join the turn; statuses and connections too."""

from functools import cache
from typing import Any

from falachefe import runtime
from falachefe.auth.whatsapp_codes import Codes
from falachefe.auth.whatsapp_signin import SignIn
from falachefe.aws.backoff import with_backoff
from falachefe.aws.batch import SqsAttributes, fifo_batch
from falachefe.aws.clients import client
from falachefe.aws.emf import emit
from falachefe.crews.offline.warm import warm_up
from falachefe.whatsapp.inbound import Inbound


@cache
def inbound() -> Inbound:
    return Inbound(
        database=runtime.database(),
        publisher=runtime.publisher(),
        sign_in=SignIn(runtime.table("AUTH_TABLE"), lambda: Codes(runtime.pepper())),
        clock=runtime.clock(),
        count=emit,
    )


def process(letter: dict[str, Any], attributes: SqsAttributes) -> None:
    inbound()(letter, attributes.deliveries)


warm_up()  # routing is the same engine as the agents'
handler = with_backoff(
    fifo_batch(process),
    sqs=lambda: client("sqs"),
    queue_url=lambda: runtime.queue_url("inbound"),
    delays=(1, 5, 20, 60),
)
