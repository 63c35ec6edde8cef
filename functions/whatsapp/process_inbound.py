"""Worker of inbound.fifo: signs in senders, stores messages, starts or joins turns; also statuses and connections."""

from functools import cache
from typing import Any

from falachefe.app import runtime
from falachefe.app.workers import queue_worker
from falachefe.aws.emf import emit
from falachefe.aws.worker import Delivery
from falachefe.crews.turns.messaging_adapter import CrewsForMessaging
from falachefe.language.warm_up import warm_up
from falachefe.messaging.channels.directory import ChannelDirectory
from falachefe.messaging.inbound.process import Inbound
from falachefe.messaging.providers.uaz import Uaz
from falachefe.messaging.webhook import unverified
from falachefe.phone_sign_in.codes import Codes
from falachefe.phone_sign_in.service import SignIn


@cache
def inbound() -> Inbound:
    return Inbound(
        database=runtime.database(),
        publisher=runtime.publisher(),
        sign_in=SignIn(runtime.table("AUTH_TABLE"), lambda: Codes(runtime.pepper())),
        clock=runtime.clock(),
        count=emit,
        crews=CrewsForMessaging(),
    )


@cache
def verification() -> unverified.Verification:
    channels = ChannelDirectory(runtime.table("CHANNELS_TABLE"), runtime.secret)
    return unverified.Verification(channels, {Uaz.name: Uaz()}, emit)


def process(payload: dict[str, Any], delivery: Delivery) -> None:
    if payload["kind"] == unverified.KIND:
        verified = verification()(payload, runtime.clock().now())
        if verified is None:
            return
        payload = verified
    inbound()(payload, delivery.deliveries)


warm_up()  # routing uses the offline engine
handler = queue_worker("inbound", process)
