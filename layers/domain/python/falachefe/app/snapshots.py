"""What a runtime does around a snapshot of Lambda SnapStart: one memory image starts many runtimes.

Before it, what the first request would import is imported, and everything that was made is let go. After a restore,
randomness is seeded anew and nothing that another copy shares is used: no connection, no cached secret or answer.
Identifiers need no hook: their time is the clock's and their random bits the kernel's.
"""

import os
import random
from importlib import import_module
from typing import Any, Final

_OF_ALL: Final = ("botocore.session", "botocore.client", "botocore.endpoint", "botocore.httpsession", "json", "ssl")
_OF_DATABASE: Final = (
    "aws_lambda_powertools.utilities.parameters",
    "falachefe.db.engine",
    "falachefe.db.outbox",
    "falachefe.access.authenticator",
    "falachefe.aws.queues",
)


def register() -> None:
    """Tells Lambda of the hooks, where it has their library; it calls them with SnapStart only."""
    try:
        hooks: Any = import_module("snapshot_restore_py")
    except ImportError:
        return
    hooks.register_before_snapshot(before_snapshot)
    hooks.register_after_restore(after_restore)


def before_snapshot() -> None:
    _warm()
    _let_go(polite=True)


def after_restore() -> None:
    random.seed()
    # Another copy may have said good-bye on the same connection already: none is spoken on again.
    _let_go(polite=False)


def _warm() -> None:
    needed = _OF_ALL + (_OF_DATABASE if os.environ.get("DATABASE_SECRET_ARN") else ())
    for name in needed:
        import_module(name)


def _let_go(*, polite: bool) -> None:
    from falachefe.app import runtime
    from falachefe.aws.clients import close_clients

    if runtime.database.cache_info().currsize:
        runtime.database().dispose(close=polite)
    close_clients()
    runtime.forget()
