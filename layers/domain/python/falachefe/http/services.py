"""What an API and its routes need from outside. The composition root (`falachefe.app`) provides it."""

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
"""Finds out who calls. Raises `Unauthenticated` for a credential that is missing or does not hold."""


class Services(Protocol):
    """Each is made when it is first asked for: a route pays for what it uses, and an import for nothing."""

    def clock(self) -> "Clock": ...

    def database(self) -> "Database": ...

    def publisher(self) -> "Publisher": ...

    def limits(self) -> "SlidingLimit":
        """Counts how often callers do things."""
        ...

    def table(self, variable: str, /) -> "Table":
        """The DynamoDB table whose name stands in the environment variable."""
        ...

    def pepper(self) -> str:
        """The key of the MACs under which e-mails and addresses are counted."""
        ...
