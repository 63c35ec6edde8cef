"""Sessions that their person ends, and the audit log's word of it: one transaction around both, so neither is alone."""

from datetime import datetime

from falachefe.audit.service import Actor
from falachefe.auth import deeds
from falachefe.auth.refresh import SessionKey
from falachefe.auth.sessions import Sessions
from falachefe.data.engine import Database
from falachefe.kernel.errors import NotFound


def sign_out(database: Database, sessions: Sessions, key: SessionKey, by: Actor, now: datetime) -> None:
    """Ends the session that the request came with."""
    with database.tenant(key.company_id) as session:
        deeds.of_session(session, key, "signed_out", by=by, now=now)
        sessions.end(key)


def end_session(database: Database, sessions: Sessions, key: SessionKey, by: Actor, now: datetime) -> None:
    """Ends a session of one's own. Raises `NotFound` when there is none."""
    with database.tenant(key.company_id) as session:
        deeds.of_session(session, key, "ended", by=by, now=now)
        if not sessions.end(key):
            raise NotFound("Esta sessão não existe.", code="session_not_found")


def end_others(database: Database, sessions: Sessions, here: SessionKey, by: Actor, now: datetime) -> int:
    """Ends all sessions of a person but the one at hand; returns how many there were."""
    others = [one.key for one in sessions.of_user(here.company_id, here.user_id, now) if one.key != here]
    ended = 0
    for key in others:
        try:
            end_session(database, sessions, key, by, now)
        except NotFound:
            continue  # it ended by itself meanwhile
        ended += 1
    return ended
