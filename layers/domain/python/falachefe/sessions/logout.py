"""Ends a person's sessions and writes the audit rows of it, in one transaction.

A session ends by a mark in its person's row, which whoever comes with the session is held against. Its item is deleted
after the commit; a process that dies in between, or a table that does not answer, leaves nobody signed in.
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
    """Ends the session that the request came with."""
    with database.tenant(key.company_id) as session:
        if mark_one_ended(session, key.company_id, key.user_id, key.session_id):
            audit_entries.of_session(session, key, "signed_out", by=by, now=now)
    sessions.tidy([key])


def end_session(database: Database, sessions: Sessions, key: SessionKey, by: Actor, now: datetime) -> None:
    """Ends a session of one's own. Raises `NotFound` when there is none."""
    if not sessions.has(key, now):
        raise NotFound("Esta sessão não existe.", code="session_not_found")
    with database.tenant(key.company_id) as session:
        marked = mark_one_ended(session, key.company_id, key.user_id, key.session_id)
        if marked:
            audit_entries.of_session(session, key, "ended", by=by, now=now)
    sessions.tidy([key])
    if not marked:  # somebody else was quicker
        raise NotFound("Esta sessão não existe.", code="session_not_found")


def end_others(database: Database, sessions: Sessions, here: SessionKey, by: Actor, now: datetime) -> int:
    """Ends all sessions of a person but the one at hand; returns how many there were."""
    others = [one.key for one in sessions.of_user(here.company_id, here.user_id, now) if one.key != here]
    with database.tenant(here.company_id) as session:
        for key in others:
            audit_entries.of_session(session, key, "ended", by=by, now=now)
        mark_ended(session, here.company_id, here.user_id, now, but=here.session_id)
    return sessions.tidy(others)
