"""Creation of a company by a superadmin."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.orm import Session

from falachefe.accounts import names
from falachefe.accounts.emails import claim_email, enqueue_mail
from falachefe.accounts.models import User
from falachefe.audit.service import note_change
from falachefe.companies import service
from falachefe.companies.schemas import CompanyIn
from falachefe.crews.service import default_crew
from falachefe.db.outbox import Outbox
from falachefe.http.unit_of_work import RequestUnitOfWork
from falachefe.kernel.ids import new_id
from falachefe.plans import limits as plan_limits
from falachefe.plans.rules import FREE


def create_company(work: RequestUnitOfWork, body: CompanyIn) -> None:
    """Creates the transaction's company with its crew, its plan and, if given, its first admin.

    Raises `Conflict` when the admin's e-mail already has an account.
    """
    session, company_id, now = work.session, work.company_id, work.now
    service.create_company(session, company_id, name=body.name, time_zone=body.time_zone)
    if body.plan_code != FREE:
        plan_limits.subscribe(session, company_id, body.plan_code, now=now)
    default_crew(session, company_id, now)
    if body.admin is not None:
        admin = body.admin
        _invite_first_admin(session, work.outbox, company_id, name=admin.name, email=admin.email, now=now)
    after = {"name": body.name, "time_zone": body.time_zone, "plan_code": body.plan_code}
    note_change(work, "create", "companies", company_id, "tenancy.company_created", before={}, after=after)


def _invite_first_admin(
    session: Session, outbox: Outbox, company_id: UUID, *, name: str, email: str, now: datetime
) -> None:
    """Creates an admin without a password and queues the invitation to set one.

    Raises `Conflict` when the e-mail already has an account.
    """
    claim_email(session, email)
    user_id = new_id()
    values = {**names.from_full(name), "email": email, "role": "admin"}
    session.execute(insert(User).values(company_id=company_id, id=user_id, created_at=now, updated_at=now, **values))
    enqueue_mail(outbox, "invitation", user_id)
