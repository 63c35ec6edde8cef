"""The caller of a request, before and after authentication."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self
from uuid import UUID

from falachefe.kernel.errors import Forbidden

NO_CREDENTIAL: Final = "token_missing"
"""The error code of a request without any credential, which does not count as a failed attempt."""
EVERYTHING: Final = "*"
"""Held only by superadmins; implies every permission."""


def allows(held: frozenset[str], needed: str) -> bool:
    return needed in held or EVERYTHING in held


@dataclass(frozen=True, slots=True)
class Caller:
    """A request's headers and origin, before authentication."""

    headers: Mapping[str, str]
    """By lower-case name."""
    address: str | None = None
    user_agent: str | None = None
    request_id: str = ""
    """API Gateway's, which clients cannot choose."""
    client_request_id: str | None = None
    """The client's, unverified."""

    @classmethod
    def of(
        cls,
        headers: Mapping[str, str],
        address: str | None = None,
        request_id: str = "",
        client_request_id: str | None = None,
    ) -> Self:
        named = {name.lower(): value for name, value in headers.items()}
        return cls(named, address, named.get("user-agent"), request_id, client_request_id)


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """The API key of a request."""

    id: UUID
    limit_per_minute: int


@dataclass(frozen=True, slots=True)
class Principal:
    user_id: UUID
    """The user, or the creator of the API key."""
    company_id: UUID
    """The company whose rows the request accesses."""
    role: str
    permissions: frozenset[str]
    session_id: str
    """Empty for a key."""
    key: KeyFacts | None = None
    home_company_id: UUID | None = None
    """The user's own company, for a superadmin who accesses another one."""

    @property
    def home(self) -> UUID:
        """The company that the user belongs to."""
        return self.home_company_id or self.company_id

    @property
    def author_id(self) -> UUID | None:
        """The user for columns such as `created_by`; None for a superadmin in another company, who has no row there."""
        return None if self.home_company_id else self.user_id

    @property
    def subject(self) -> str:
        """What rate limits count as one caller: a user or an API key."""
        return f"key#{self.key.id}" if self.key else f"user#{self.user_id}"

    def may(self, permission: str) -> bool:
        return allows(self.permissions, permission)

    def require(self, permission: str) -> None:
        """Raises `Forbidden` without the permission."""
        if not self.may(permission):
            raise Forbidden("Você não tem permissão para isto.", code="permission_denied")
