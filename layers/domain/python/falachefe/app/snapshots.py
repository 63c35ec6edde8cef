"""What a runtime does around a snapshot of Lambda SnapStart: one memory image starts many runtimes.

Before it, what the first request would import is imported, and everything that was made is let go. After a restore,
randomness is seeded anew and nothing that another copy shares is used: no connection, no cached secret or answer.
Identifiers need no hook: their time is the clock's and their random bits the kernel's.
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


class LetGo(Protocol):
    """Drops everything that was made; `polite` says good-bye to whom there are connections with."""

    def __call__(self, *, polite: bool) -> None: ...


def register(let_go: LetGo) -> None:
    """Tells Lambda of the hooks, where it has their library; it calls them with SnapStart only."""
    try:
        hooks: Any = import_module("snapshot_restore_py")
    except ImportError:
        return
    hooks.register_before_snapshot(_before_snapshot, let_go)
    hooks.register_after_restore(_after_restore, let_go)


def _before_snapshot(let_go: LetGo) -> None:
    _warm()
    let_go(polite=True)


def _after_restore(let_go: LetGo) -> None:
    random.seed()
    # Another copy may have said good-bye on the same connection already: none is spoken on again.
    let_go(polite=False)


def _warm() -> None:
    needed = _OF_ALL + (_OF_DATABASE if os.environ.get("DATABASE_SECRET_ARN") else ())
    for name in needed:
        import_module(name)
