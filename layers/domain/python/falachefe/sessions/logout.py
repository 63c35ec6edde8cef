"""Ends a user's own sessions and writes the audit entries, in one transaction.

A session ends by a mark on its user's row, which is checked whenever the session is used. Its item is deleted after the
commit: if the process or DynamoDB fails in between, the session has ended all the same.
"""

from datetime import datetime

from falachefe.accounts import audit_entries
from falachefe.accounts.session_marks import end_session as mark_one_ended
from falachefe.accounts.session_marks import end_sessions as mark_ended
from falachefe.accounts.users import SessionKey
from falachefe.db.engine import Database
from falachefe.kernel.actors import Actor
from falachefe.kernel.errors import NotFound
from falachefe.sessions.store import Sessions


def sign_out(database: Database, sessions: Sessions, key: SessionKey, by: Actor, now: datetime) -> None:
    """Ends the session of the request."""
    with database.tenant(key.company_id) as session:
        if mark_one_ended(session, key.company_id, key.user_id, key.session_id):
            audit_entries.record_session_action(session, key, "signed_out", by=by, now=now)
    sessions.delete_ended([key])


def end_session(database: Database, sessions: Sessions, key: SessionKey, by: Actor, now: datetime) -> None:
    """Ends one of the user's sessions. Raises `NotFound` when it does not exist."""
    if not sessions.has(key, now):
        raise NotFound("Esta sessão não existe.", code="session_not_found")
    with database.tenant(key.company_id) as session:
        marked = mark_one_ended(session, key.company_id, key.user_id, key.session_id)
        if marked:
            audit_entries.record_session_action(session, key, "ended", by=by, now=now)
    sessions.delete_ended([key])
    if not marked:  # a concurrent request ended it
        raise NotFound("Esta sessão não existe.", code="session_not_found")


def end_others(database: Database, sessions: Sessions, here: SessionKey, by: Actor, now: datetime) -> int:
    """Ends all sessions of a user except `here`; returns how many there were."""
    others = [one.key for one in sessions.of_user(here.company_id, here.user_id, now) if one.key != here]
    with database.tenant(here.company_id) as session:
        for key in others:
            audit_entries.record_session_action(session, key, "ended", by=by, now=now)
        mark_ended(session, here.company_id, here.user_id, now, keep=here.session_id)
    return sessions.delete_ended(others)
