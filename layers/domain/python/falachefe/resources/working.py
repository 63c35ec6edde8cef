"""The transaction of a request that is no plain action of a resource, on what a resource's own actions stand on."""

from collections.abc import Iterator
from contextlib import contextmanager

from falachefe import runtime
from falachefe.data.outbox import Outbox
from falachefe.http.api import Api
from falachefe.resources.declaration import Work


@contextmanager
def working(api: Api) -> Iterator[Work]:
    """One transaction in the caller's company; what it has to tell is published after its commit."""
    who = api.principal()
    outbox = Outbox(who.company_id)
    with runtime.database().tenant(who.company_id) as session:
        yield Work(session, outbox, who, api.actor(), runtime.clock().now())
        outbox.save(session)
    if outbox.letters:
        outbox.publish(runtime.database(), runtime.publisher())
