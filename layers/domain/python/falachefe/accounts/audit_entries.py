"""Audit entries of accounts and sessions: the action, its actor and origin. No secrets; names and e-mails masked."""

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


def record_account_action(
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
    """Records a user's action on their own account, in the transaction of that action."""
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


def earlier_account_actions(
    session: DatabaseSession, company_id: UUID, user_id: UUID, actions: Collection[str], now: datetime
) -> set[str]:
    """Those of `actions` that the audit log has for a user's account before `now`."""
    return actions_before(session, company_id, resource=ACCOUNT, resource_id=user_id, actions=actions, now=now)


def record_sign_in(session: DatabaseSession, key: SessionKey, method: str, *, by: Actor, now: datetime) -> None:
    record_session_action(session, key, "signed_in", by=by, now=now, after={"method": method})


def record_session_action(
    session: DatabaseSession,
    key: SessionKey,
    action: str,
    *,
    by: Actor,
    now: datetime,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Records a user's action on one of their sessions."""
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


def record_failed_sign_in(
    session: DatabaseSession, company_id: UUID, user_id: UUID, *, by: Actor, now: datetime
) -> None:
    """Records a wrong password. Runs the same statement for an unknown account, so that the time does not reveal it."""
    note_if_company_exists(
        session,
        company_id,
        replace(by, id=None),
        action="sign_in_failed",
        resource=ACCOUNT,
        resource_id=user_id,
        now=now,
    )
