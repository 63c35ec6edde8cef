"""What the audit log is told of accounts and sessions: which deed, by whom and from where; no secret and no address."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session as DatabaseSession

from falachefe.accounts.users import SessionKey
from falachefe.audit.rules import changed_fields
from falachefe.audit.service import actions_before, insert_entry
from falachefe.audit.timing_safe import note_if_company_exists
from falachefe.kernel.actors import Actor

ACCOUNT: Final = "account"
SESSION: Final = "session"


def account(
    session: DatabaseSession,
    company_id: UUID,
    user_id: UUID,
    action: str,
    *,
    by: Actor,
    now: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """A deed of a person with their own account, in the transaction of the deed."""
    changes = changed_fields(before or {}, after or {}, masked={"name"})
    insert_entry(
        session,
        company_id,
        replace(by, id=user_id),
        action=action,
        resource=ACCOUNT,
        resource_id=user_id,
        changes=changes,
        now=now,
    )


def account_actions_before(
    session: DatabaseSession, company_id: UUID, user_id: UUID, actions: Collection[str], now: datetime
) -> set[str]:
    """Those of the actions that were done to a person's account before now."""
    return actions_before(session, company_id, resource=ACCOUNT, resource_id=user_id, actions=actions, now=now)


def signed_in(session: DatabaseSession, key: SessionKey, method: str, *, by: Actor, now: datetime) -> None:
    of_session(session, key, "signed_in", by=by, now=now, after={"method": method})


def of_session(
    session: DatabaseSession,
    key: SessionKey,
    action: str,
    *,
    by: Actor,
    now: datetime,
    after: Mapping[str, Any] | None = None,
) -> None:
    """A deed of a person with one of their sessions."""
    insert_entry(
        session,
        key.company_id,
        replace(by, id=key.user_id),
        action=action,
        resource=SESSION,
        resource_id=key.session_id,
        changes=changed_fields({}, after or {}),
        now=now,
    )


def sign_in_failed(session: DatabaseSession, company_id: UUID, user_id: UUID, *, by: Actor, now: datetime) -> None:
    """Somebody did not know the password. Takes the same statement and trips for a company and person who are not."""
    note_if_company_exists(
        session,
        company_id,
        replace(by, id=None),
        action="sign_in_failed",
        resource=ACCOUNT,
        resource_id=user_id,
        now=now,
    )
