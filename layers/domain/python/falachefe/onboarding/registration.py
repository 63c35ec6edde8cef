"""Self-registration: creates a company, its first admin and its crew, in one transaction."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.orm import Session

from falachefe.accounts import audit_entries, names
from falachefe.accounts.emails import claim_email, enqueue_mail
from falachefe.accounts.models import User
from falachefe.accounts.passwords import hashing, policy
from falachefe.accounts.rules import checked_name
from falachefe.accounts.users import UserView
from falachefe.companies.service import create_company
from falachefe.crews.service import default_crew
from falachefe.db.engine import Database
from falachefe.db.outbox import Publisher
from falachefe.db.unit_of_work import UnitOfWork, unit_of_work
from falachefe.kernel.actors import Actor
from falachefe.kernel.ids import new_id


def register(
    database: Database,
    publisher: Publisher,
    *,
    name: str,
    email: str,
    password: str,
    company_name: str,
    by: Actor,
    now: datetime,
) -> UserView:
    """Registers with a password and queues the mail to confirm the e-mail.

    Raises `Conflict` when the e-mail already has an account, `InvalidInput` for an invalid name or password.
    """
    shown, address = checked_name(name), email.strip()
    policy.check(password, name=shown, email=address)
    return _create_company_and_admin(
        database,
        publisher,
        {"email": address, "password_hash": hashing.hash_password(password), **names.from_full(shown)},
        company_name=company_name,
        method="password",
        also=lambda work, user_id: enqueue_mail(work.outbox, "verification", user_id),
        by=by,
        now=now,
    )


def register_by_identity(
    database: Database,
    publisher: Publisher,
    *,
    name: str,
    email: str,
    company_name: str,
    method: str,
    link: Callable[[Session, UUID, UUID], None],
    by: Actor,
    now: datetime,
) -> UserView:
    """Registers with an identity at an OAuth provider, which has verified the e-mail: without a password.

    `link` stores the identity in the same transaction.
    """
    return _create_company_and_admin(
        database,
        publisher,
        {"email": email, "email_verified_at": now, **names.from_full(checked_name(name))},
        company_name=company_name,
        method=method,
        also=lambda work, user_id: link(work.session, work.company_id, user_id),
        by=by,
        now=now,
    )


def _create_company_and_admin(
    database: Database,
    publisher: Publisher,
    values: Mapping[str, Any],
    *,
    company_name: str,
    method: str,
    also: Callable[[UnitOfWork, UUID], None],
    by: Actor,
    now: datetime,
) -> UserView:
    """Creates the company, the admin with `values` and the crew, in one transaction with `also`."""
    company_id, user_id = new_id(), new_id()
    with unit_of_work(database, publisher, company_id, actor=by, now=now) as work:
        session = work.session
        claim_email(session, values["email"])
        create_company(session, company_id, name=company_name)
        made = {"role": "admin", "last_login_at": now, "created_at": now, "updated_at": now}
        session.execute(insert(User).values(company_id=company_id, id=user_id, **made, **values))
        default_crew(session, company_id, now)
        audit_entries.record_account_action(
            session, company_id, user_id, "registered", by=by, now=now, after={"method": method}
        )
        also(work, user_id)
        work.record("tenancy.company_registered", {"user_id": str(user_id)})
    return UserView(user_id, company_id, values["name"], values["email"], "admin")
