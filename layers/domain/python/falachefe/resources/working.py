"""The transaction of a request that is no plain action of a resource, on what a resource's own actions stand on."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError

from falachefe.db.outages import ends_the_session, sqlstate
from falachefe.db.outbox import Outbox
from falachefe.http.api import Api
from falachefe.kernel.errors import mark_undone
from falachefe.resources.declaration import Work


@contextmanager
def working(api: Api) -> Iterator[Work]:
    """One transaction in the caller's company; what it has to tell is published after its commit.

    A failure that is known to have undone everything is marked so (`is_undone`): any before the commit, and one of the
    commit that Postgres itself answered with. Without an answer nobody knows.
    """
    who = api.principal()
    services, outbox = api.services, Outbox(who.company_id)
    committing = False
    try:
        with services.database().tenant(who.company_id) as session:
            yield Work(session, outbox, who, api.actor(), services.clock().now())
            outbox.save(session)
            committing = True
    except Exception as error:
        if not committing or _refused_by_postgres(error):
            mark_undone(error)
        raise
    api.committed = True
    if outbox.queue_messages:
        outbox.publish(services.database(), services.publisher())


def _refused_by_postgres(error: Exception) -> bool:
    cause = error if isinstance(error, DBAPIError) else error.__cause__
    if not isinstance(cause, DBAPIError) or cause.orig is None:
        return False
    return bool(sqlstate(cause.orig)) and not ends_the_session(cause.orig)
