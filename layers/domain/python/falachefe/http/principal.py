"""Who is calling, for which company, with which power."""

from dataclasses import dataclass
from uuid import UUID

from falachefe.auth.permissions import allows
from falachefe.kernel.errors import Forbidden


@dataclass(frozen=True, slots=True)
class Principal:
    user_id: UUID
    company_id: UUID
    role: str
    permissions: frozenset[str]
    session_id: str

    def may(self, permission: str) -> bool:
        return allows(self.permissions, permission)

    def require(self, permission: str) -> None:
        """Raises `Forbidden` naming the permission that is missing."""
        if not self.may(permission):
            raise Forbidden("Você não tem permissão para isto.", code="permission_denied")
