"""The dependencies of an API and its routes, provided by the composition root (`falachefe.app`)."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from falachefe.http.principal import Caller, Principal

if TYPE_CHECKING:  # an API that needs no database does not load one
    from falachefe.aws.rate_limit import SlidingLimit
    from falachefe.aws.tables import Table
    from falachefe.db.engine import Database
    from falachefe.db.outbox import Publisher
    from falachefe.kernel.clock import Clock

type Authenticator = Callable[[Caller], Principal]
"""Authenticates a caller. Raises `Unauthenticated` for a missing or invalid credential."""


class Services(Protocol):
    """Each is created on first use, so that a route pays only for what it uses."""

    def clock(self) -> "Clock": ...

    def database(self) -> "Database": ...

    def publisher(self) -> "Publisher": ...

    def limits(self) -> "SlidingLimit":
        """Rate limits."""
        ...

    def table(self, variable: str, /) -> "Table":
        """The DynamoDB table that an environment variable names."""
        ...

    def pepper(self) -> str:
        """The key of the MACs of e-mails and addresses in rate limits."""
        ...
