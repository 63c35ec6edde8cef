"""Access of a superadmin to another company: requested by a header, and recorded in that company's audit log."""

from datetime import datetime
from uuid import UUID

from falachefe.audit.service import insert_entry
from falachefe.companies.service import company
from falachefe.db.engine import Database
from falachefe.http.principal import Caller, Principal
from falachefe.kernel.actors import Actor
from falachefe.kernel.ttl_cache import TtlCache


class SuperadminAccess:
    """Writes an audit entry in the company entered: once in half a minute for a session and a company."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._entered: TtlCache[tuple[str, UUID], bool] = TtlCache()

    def enter(self, who: Principal, company_id: UUID, caller: Caller, now: datetime) -> None:
        """Raises `NotFound` when there is no such company. Access that cannot be recorded is refused."""
        if self._entered.get((who.session_id, company_id), now):
            return
        actor = Actor(
            kind="user",
            id=who.user_id,
            address=caller.address,
            user_agent=caller.user_agent,
            request_id=caller.request_id,
            client_request_id=caller.client_request_id,
        )
        with self._database.tenant(company_id) as session:
            company(session, company_id)
            insert_entry(
                session,
                company_id,
                actor,
                action="enter",
                resource="company",
                resource_id=company_id,
                changes={},
                now=now,
            )
        self._entered.put((who.session_id, company_id), True, now)
