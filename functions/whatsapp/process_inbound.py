"""inbound.fifo: sign in, store the message, open or join the turn; statuses and connections too."""

from functools import cache
from typing import Any

from falachefe import runtime
from falachefe.auth.whatsapp_codes import Codes
from falachefe.auth.whatsapp_signin import SignIn
from falachefe.aws.emf import emit
from falachefe.aws.worker import Delivery
from falachefe.crews.offline.warm import warm_up
from falachefe.whatsapp import unverified
from falachefe.whatsapp.channels import ChannelDirectory
from falachefe.whatsapp.inbound import Inbound
from falachefe.whatsapp.providers.uaz import Uaz
from falachefe.workers import queue_worker


@cache
def inbound() -> Inbound:
    return Inbound(
        database=runtime.database(),
        publisher=runtime.publisher(),
        sign_in=SignIn(runtime.table("AUTH_TABLE"), lambda: Codes(runtime.pepper())),
        clock=runtime.clock(),
        count=emit,
    )


@cache
def verification() -> unverified.Verification:
    channels = ChannelDirectory(runtime.table("CHANNELS_TABLE"), runtime.secret)
    return unverified.Verification(channels, {Uaz.name: Uaz()}, emit)


def process(letter: dict[str, Any], delivery: Delivery) -> None:
    if letter["kind"] == unverified.KIND:
        verified = verification()(letter, runtime.clock().now())
        if verified is None:
            return
        letter = verified
    inbound()(letter, delivery.deliveries)


warm_up()  # routing is the same engine as the agents'
handler = queue_worker("inbound", process)
