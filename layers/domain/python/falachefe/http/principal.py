"""Who is calling, for which company, with which power."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self
from uuid import UUID

from falachefe.kernel.errors import Forbidden

NO_CREDENTIAL: Final = "token_missing"
"""The refusal of a request that brings nothing at all: no guess, and no work for anybody."""
EVERYTHING: Final = "*"
"""Held by superadmins alone: it allows every permission."""


def allows(held: frozenset[str], needed: str) -> bool:
    return needed in held or EVERYTHING in held


@dataclass(frozen=True, slots=True)
class Caller:
    """What a request says of who sends it."""

    headers: Mapping[str, str]
    """By their names in small letters."""
    address: str | None = None
    user_agent: str | None = None
    request_id: str = ""
    """API Gateway's, which no client chooses."""
    client_request_id: str | None = None
    """The client's own, as it says."""

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
    """The API key that a program called with."""

    id: UUID
    limit_per_minute: int


@dataclass(frozen=True, slots=True)
class Principal:
    user_id: UUID
    """The person, or whoever made the key that a program called with."""
    company_id: UUID
    """Whose rows the request is about."""
    role: str
    permissions: frozenset[str]
    session_id: str
    """Empty for a key."""
    key: KeyFacts | None = None
    home_company_id: UUID | None = None
    """The person's own company, when they are a superadmin who entered another one."""

    @property
    def home(self) -> UUID:
        """The company whose member the person is."""
        return self.home_company_id or self.company_id

    @property
    def author_id(self) -> UUID | None:
        """The person for columns such as `created_by`; a visitor is no member that a row could refer to."""
        return None if self.home_company_id else self.user_id

    @property
    def subject(self) -> str:
        """What counts as one caller: a person, or one of their keys."""
        return f"key#{self.key.id}" if self.key else f"user#{self.user_id}"

    def may(self, permission: str) -> bool:
        return allows(self.permissions, permission)

    def require(self, permission: str) -> None:
        """Raises `Forbidden` naming the permission that is missing."""
        if not self.may(permission):
            raise Forbidden("Você não tem permissão para isto.", code="permission_denied")
