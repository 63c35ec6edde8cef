"""Current permissions of users, read from Postgres and cached for half a minute."""

from datetime import datetime
from uuid import UUID

from falachefe.access.staff import Member, member_query
from falachefe.db.engine import Database
from falachefe.kernel.errors import Forbidden, Unauthenticated
from falachefe.kernel.ttl_cache import TtlCache


class PermissionCache:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: TtlCache[tuple[UUID, UUID], Member] = TtlCache()

    def of(self, company_id: UUID, user_id: UUID, now: datetime) -> Member:
        """The member, as of at most half a minute ago.

        Raises `Unauthenticated` when the user is deleted or inactive, `Forbidden` while the company is suspended.
        """
        member = self._known.get((company_id, user_id), now)
        if member is None:
            query = member_query(company_id, user_id)
            self._database.run_in_one_trip(company_id, query)
            member = query.result
            if member is None or not member.active:
                raise Unauthenticated("Sua conta não está mais ativa.", code="account_inactive")
            self._known.put((company_id, user_id), member, now)
        if not member.company_active:
            raise company_suspended()
        return member


def company_suspended() -> Forbidden:
    return Forbidden("O acesso da sua empresa está suspenso. Fale com o suporte.", code="company_suspended")
