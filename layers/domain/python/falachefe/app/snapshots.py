"""Hooks for Lambda SnapStart, where many runtimes start from one memory image.

Before the snapshot, the imports of the first request are done and all dependencies dropped. After a restore, `random`
is seeded again and all dependencies are dropped, so that copies share no connection and no cached secret. Identifiers
need no hook: they take the time from the clock and randomness from the kernel.
"""

import os
import random
from importlib import import_module
from typing import Any, Final, Protocol

_OF_ALL: Final = ("botocore.session", "botocore.client", "botocore.endpoint", "botocore.httpsession", "json", "ssl")
_OF_DATABASE: Final = (
    "aws_lambda_powertools.utilities.parameters",
    "falachefe.db.engine",
    "falachefe.db.outbox",
    "falachefe.sessions.authenticator",
    "falachefe.aws.queues",
)


class Release(Protocol):
    """Drops all created dependencies; `close` closes their connections properly."""

    def __call__(self, *, close: bool) -> None: ...


def register(release: Release) -> None:
    """Registers the hooks if Lambda's library for them is present; they run with SnapStart only."""
    try:
        hooks: Any = import_module("snapshot_restore_py")
    except ImportError:
        return
    hooks.register_before_snapshot(_before_snapshot, release)
    hooks.register_after_restore(_after_restore, release)


def _before_snapshot(release: Release) -> None:
    _warm()
    release(close=True)


def _after_restore(release: Release) -> None:
    random.seed()
    # Another copy shares these connections: nothing may be sent on them.
    release(close=False)


def _warm() -> None:
    needed = _OF_ALL + (_OF_DATABASE if os.environ.get("DATABASE_SECRET_ARN") else ())
    for name in needed:
        import_module(name)
